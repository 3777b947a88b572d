import { isNumber, stored } from "../../../state/place/stored";

const LEAST = 360;
const MOST = 900;
const STEP = 24;

/** The width of the panel in pixels. */
export const panelWidth = stored("fairlead.panel", 468, isNumber);

function set(width: number): void {
  panelWidth.value = Math.round(Math.min(MOST, innerWidth - 420, Math.max(LEAST, width)));
}

/** The edge of the panel, which can be moved by pointer and by keys. */
export function Resizer() {
  return (
    <div
      class="resizer"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the details"
      aria-valuenow={panelWidth.value}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onPointerDown={(event) => {
        event.preventDefault();
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) set(innerWidth - event.clientX);
      }}
      onKeyDown={(event) => {
        const step = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
        if (step === undefined) return;
        event.preventDefault();
        set(panelWidth.value + step);
      }}
    />
  );
}
