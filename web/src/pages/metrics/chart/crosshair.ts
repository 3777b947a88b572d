import { computed, signal } from "@preact/signals";
import { FrameBatch } from "../../../state/frames";
import { queryValue, setQuery } from "../../../state/place/route";
import { type TimeSpan, timeSpan } from "../metricsFeed";

/** Milliseconds after the last key before the address has the time. */
const PAUSE = 300;

/** The time under the pointer. */
const pointedTime = signal<number | null>(null);
/** The time that was moved to with a key, before the address has it. */
const movedTime = signal<number | null>(null);

/** The time that the address points to. */
const pinnedTime = computed(() => {
  const time = Number(queryValue("at"));
  return time > 0 ? time : null;
});

/** The time that was chosen by a click or with a key. */
export const chosenTime = computed(() => movedTime.value ?? pinnedTime.value);
/** The time that all charts point out: that under the pointer, else the one that was chosen. */
export const crosshair = computed(() => pointedTime.value ?? chosenTime.value);

/** Whether a time is in what the charts show. */
export function isShown(time: number | null, { start, end }: TimeSpan): time is number {
  return time !== null && time >= start && time <= end;
}

let pointed: number | null = null;
const frame = new FrameBatch(() => {
  pointedTime.value = pointed;
});

/** The pointer is at a time, or at none; all charts show it with the next frame. */
export function pointAt(time: number | null): void {
  pointed = time;
  frame.schedule();
}

let timer: ReturnType<typeof setTimeout> | undefined;

/** Keep a time in the address; null takes it away. */
export function pinTime(time: number | null): void {
  clearTimeout(timer);
  movedTime.value = null;
  setQuery({ at: time === null ? null : time.toFixed(3) });
}

/** Move the chosen time by so many seconds; without one, from the latest. */
export function moveTime(seconds: number): void {
  const { start, end } = timeSpan.peek();
  const at = crosshair.peek();
  const from = isShown(at, { start, end }) ? at : end - seconds;
  const time = Math.min(end, Math.max(start, from + seconds));
  pointAt(null);
  movedTime.value = time;
  clearTimeout(timer);
  timer = setTimeout(() => pinTime(time), PAUSE);
}
