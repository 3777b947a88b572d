import type { TraceView } from "../../../api/schema";

/** A trace as a point; pixels of the drawing. */
export interface ScatterPoint {
  trace: TraceView;
  x: number;
  y: number;
}

/** A line of the scale. */
export interface ScatterLine {
  seconds: number;
  y: number;
}

/** Traces over time, their durations on a logarithmic scale. */
export interface Scatter {
  points: readonly ScatterPoint[];
  lines: readonly ScatterLine[];
  /** The time at a place. */
  timeAt(x: number): number;
  /** The duration at a height. */
  durationAt(y: number): number;
}

/** The box that is drawn in. */
export interface ScatterBox {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The shortest duration that the scale begins with: what is shorter lies on its lowest line. */
const SHORTEST = 0.0001;

/** Lay out traces: two whole powers of ten at least, and a line at each end and in the middle. */
export function layOutScatter(traces: readonly TraceView[], box: ScatterBox): Scatter {
  const logs = traces.map((trace) => Math.log10(Math.max(SHORTEST, trace.duration)));
  let low = logs.length > 0 ? Math.floor(Math.min(...logs)) : -3;
  let high = logs.length > 0 ? Math.ceil(Math.max(...logs)) : 0;
  if (high - low < 2) {
    high = Math.max(high, low + 1);
    low = high - 2;
  }
  const times = traces.map((trace) => trace.start);
  const from = times.length > 0 ? Math.min(...times) : 0;
  const to = Math.max(from + 1, times.length > 0 ? Math.max(...times) : 0);
  const xOf = (time: number) => box.left + ((time - from) / (to - from)) * (box.right - box.left);
  const yOf = (log: number) => box.bottom - ((log - low) / (high - low)) * (box.bottom - box.top);
  return {
    points: traces.map((trace, index) => ({ trace, x: xOf(trace.start), y: yOf(logs[index] ?? low) })),
    lines: [high, (high + low) / 2, low].map((log) => ({ seconds: 10 ** log, y: yOf(log) })),
    timeAt: (x) => from + ((x - box.left) / (box.right - box.left)) * (to - from),
    durationAt: (y) => 10 ** (low + ((box.bottom - y) / (box.bottom - box.top)) * (high - low)),
  };
}

/** The point nearest to a place, if one is near. Of points that are as near as each other, the one with an error. */
export function nearestPoint(
  points: readonly ScatterPoint[],
  x: number,
  y: number,
  reach = 9,
): ScatterPoint | undefined {
  let best: ScatterPoint | undefined;
  let distance = reach;
  for (const point of points) {
    const away = Math.hypot(point.x - x, point.y - y) - (point.trace.errors > 0 ? 1 : 0);
    if (away < distance) {
      best = point;
      distance = away;
    }
  }
  return best;
}

/** What was brushed over: seconds since 1970, and durations in seconds. */
export interface Brush {
  from: number;
  to: number;
  least: number;
  most: number;
}

/** Whether a trace is among those brushed over. */
export function isBrushed(brush: Brush, { start, duration }: TraceView): boolean {
  const length = Math.max(SHORTEST, duration);
  return start >= brush.from && start <= brush.to && length >= brush.least && length <= brush.most;
}

/** What two corners enclose. */
export function brushBetween(scatter: Scatter, a: Readonly<{ x: number; y: number }>, b: typeof a): Brush {
  return {
    from: scatter.timeAt(Math.min(a.x, b.x)),
    to: scatter.timeAt(Math.max(a.x, b.x)),
    least: scatter.durationAt(Math.max(a.y, b.y)),
    most: scatter.durationAt(Math.min(a.y, b.y)),
  };
}

/** A brush as the address has it; times to the millisecond. */
export function writeBrush({ from, to, least, most }: Brush): string {
  return [from.toFixed(3), to.toFixed(3), least.toPrecision(4), most.toPrecision(4)].join("_");
}

/** The brush that an address has. */
export function readBrush(text: string): Brush | null {
  const [from, to, least, most, ...more] = text.split("_").map(Number);
  if (from === undefined || to === undefined || least === undefined || most === undefined) return null;
  return more.length === 0 && [from, to, least, most].every(Number.isFinite)
    ? { from, to, least, most }
    : null;
}
