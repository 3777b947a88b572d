import type { InstrumentView } from "../../../api/schema";
import { clock } from "../../../state/format";
import { isPhone, media } from "../../../state/media";
import { marks, timeSpan } from "../metricsFeed";
import { Chart } from "./Chart";
import { chosenTime, isShown, moveTime, pinTime } from "./crosshair";

/** Parts of the window that a key moves by. */
const STEPS = 150;

/** What happened in the window, for those who do not see the marks. */
function Happened() {
  if (marks.value.length === 0) return null;
  return (
    <ul class="sr" aria-label="What happened">
      {marks.value.map((mark) => (
        <li key={`${mark.time} ${mark.text}`}>
          {clock(mark.time)} {mark.text}
        </li>
      ))}
    </ul>
  );
}

function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { start, end } = timeSpan.peek();
  const step = ((end - start) / STEPS) * (event.shiftKey ? 10 : 1);
  if (event.key === "ArrowRight") moveTime(step);
  else if (event.key === "ArrowLeft") moveTime(-step);
  else if (event.key === "Home") moveTime(start - end);
  else if (event.key === "End") moveTime(end - start);
  else if (event.key === "Escape" && chosenTime.peek() !== null) pinTime(null);
  else return;
  event.preventDefault();
}

/** The charts: small multiples with one axis of time and one crosshair. */
export function ChartGrid({ instruments }: { instruments: readonly InstrumentView[] }) {
  const time = chosenTime.value;
  const columns = isPhone.value ? 1 : media("(max-width: 1000px)").value ? 2 : 3;
  return (
    <div
      class="charts"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move the crosshair of all charts
      tabIndex={0}
      role="region"
      aria-label="Charts; left and right move the time that all of them point out"
      onKeyDown={pressed}
    >
      <p class="sr" role="status">
        {isShown(time, timeSpan.value) ? clock(time) : ""}
      </p>
      <Happened />
      {instruments.map((instrument, index) => (
        <Chart key={instrument.name} instrument={instrument} isLabelled={index < columns} />
      ))}
    </div>
  );
}
