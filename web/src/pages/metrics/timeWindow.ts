import type { Segment } from "../../components/Segmented";

/** A window of time, as the address has it. */
export type WindowName = "5m" | "15m" | "1h" | "run";

/** The windows to choose from. */
export const WINDOWS: readonly Segment<WindowName>[] = [
  { value: "5m", label: "5 min" },
  { value: "15m", label: "15 min" },
  { value: "1h", label: "1 h" },
  { value: "run", label: "Run" },
];

const SECONDS: Readonly<Record<Exclude<WindowName, "run">, number>> = { "5m": 300, "15m": 900, "1h": 3600 };
/** The shortest window of a run that has just begun, in seconds. */
const SHORTEST = 60;

/** How many seconds a window has.
 * @param age How long the run goes on, in seconds. */
export function windowSeconds(name: WindowName, age: number): number {
  return name === "run" ? Math.max(SHORTEST, Math.ceil(age)) : SECONDS[name];
}

/** The window that an address means: without one, the shortest that holds the time that it points to.
 * @param ago How many seconds ago that time was; null without one. */
export function readWindow(text: string, ago: number | null): WindowName {
  const named = WINDOWS.find(({ value }) => value === text);
  if (named) return named.value;
  if (ago === null || ago < SECONDS["5m"] * 0.95) return "5m";
  if (ago < SECONDS["15m"] * 0.95) return "15m";
  return ago < SECONDS["1h"] * 0.95 ? "1h" : "run";
}

/** A time in the scale of the charts. */
export interface TimeTick {
  time: number;
  /** Whether seconds matter. */
  precise: boolean;
}

const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** Round times within a window, some four of them. */
export function timeTicks(start: number, end: number, most = 5): readonly TimeTick[] {
  const step = STEPS.find((each) => (end - start) / each <= most) ?? Math.ceil((end - start) / most);
  const ticks: TimeTick[] = [];
  for (let time = Math.ceil(start / step) * step; time <= end; time += step)
    ticks.push({ time, precise: step < 60 });
  return ticks;
}
