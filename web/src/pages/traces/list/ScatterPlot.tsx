import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { TraceView } from "../../../api/schema";
import { clock, measured } from "../../../state/format";
import { scatterText } from "../traceWords";
import { type Brush, brushBetween, layOutScatter, nearestPoint, type ScatterPoint } from "./scatterScale";

const WIDTH = 324;
const HEIGHT = 70;
const BOX = { left: 40, right: 316, top: 6, bottom: 58 };
/** Pixels that the pointer moves before it brushes. */
const SLACK = 4;

interface Place {
  x: number;
  y: number;
}

function placeOf(event: PointerEvent): Place {
  const box = event.currentTarget instanceof Element ? event.currentTarget.getBoundingClientRect() : null;
  if (box === null || box.width === 0) return { x: 0, y: 0 };
  const scale = WIDTH / box.width;
  return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
}

/** Points as one path: dots are lines without length and with round ends. */
function dots(points: readonly ScatterPoint[]): string {
  return points.map(({ x, y }) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
}

function crosses(points: readonly ScatterPoint[]): string {
  return points.map(({ x, y }) => `M${(x - 3).toFixed(1)} ${(y - 3).toFixed(1)}l6 6m0-6l-6 6`).join("");
}

function scaleLabel(seconds: number): string {
  if (seconds < 0.001) return `${Number((seconds * 1000).toPrecision(1))} ms`;
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${Math.round(seconds)} s`;
}

/** The durations of the traces over time, those with errors as crosses. A click opens a trace, a brush chooses some. */
export function ScatterPlot(props: {
  traces: readonly TraceView[];
  open: string | null;
  onOpen: (trace: string) => void;
  onBrush: (brush: Brush) => void;
}) {
  const scatter = useMemo(() => layOutScatter(props.traces, BOX), [props.traces]);
  const start = useSignal<Place | null>(null);
  const end = useSignal<Place | null>(null);
  const over = useSignal<ScatterPoint | null>(null);
  const failed = useMemo(() => crosses(scatter.points.filter(({ trace }) => trace.errors > 0)), [scatter]);
  const fine = useMemo(() => dots(scatter.points.filter(({ trace }) => trace.errors === 0)), [scatter]);
  const chosen = scatter.points.find(({ trace }) => trace.trace_id === props.open);

  function moved(event: PointerEvent): void {
    const place = placeOf(event);
    const from = start.value;
    if (from === null) over.value = nearestPoint(scatter.points, place.x, place.y) ?? null;
    else if (end.value !== null || Math.hypot(place.x - from.x, place.y - from.y) > SLACK) end.value = place;
  }

  function released(event: PointerEvent): void {
    const from = start.value;
    const to = end.value;
    start.value = null;
    end.value = null;
    if (from !== null && to !== null) props.onBrush(brushBetween(scatter, from, to));
    else if (from !== null) {
      const { x, y } = placeOf(event);
      const point = nearestPoint(scatter.points, x, y);
      if (point) props.onOpen(point.trace.trace_id);
    }
  }

  const from = start.value;
  const to = end.value;
  return (
    <div class="scatter">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={scatterText(props.traces)}
        class={over.value ? "hit" : ""}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          start.value = placeOf(event);
        }}
        onPointerMove={moved}
        onPointerUp={released}
        onPointerCancel={() => {
          start.value = null;
          end.value = null;
        }}
        onPointerLeave={() => {
          over.value = null;
        }}
      >
        {over.value && (
          <title>
            {over.value.trace.name}, {measured(over.value.trace.duration)}, {clock(over.value.trace.start)}
          </title>
        )}
        {scatter.lines.map(({ seconds, y }) => (
          <g key={seconds}>
            <path class="line" d={`M38 ${y}H320`} />
            <text x="0" y={y + 3}>
              {scaleLabel(seconds)}
            </text>
          </g>
        ))}
        <path class="dots" d={fine} />
        <path class="crosses" d={failed} />
        {chosen && <circle class="chosen" cx={chosen.x} cy={chosen.y} r="5" />}
        {over.value && <circle class="over" cx={over.value.x} cy={over.value.y} r="5" />}
        {from && to && (
          <rect
            class="brush"
            x={Math.min(from.x, to.x)}
            y={Math.min(from.y, to.y)}
            width={Math.abs(from.x - to.x)}
            height={Math.abs(from.y - to.y)}
          />
        )}
      </svg>
    </div>
  );
}
