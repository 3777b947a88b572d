import { timeFormat } from "./settings";

const KIB = 1024;

/** A number of bytes: 96 MiB, 1.2 GiB. */
export function bytes(value: number): string {
  if (value < KIB) return `${Math.round(value)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let amount = value / KIB;
  let unit = 0;
  while (amount >= 1000 && unit < units.length - 1) {
    amount /= KIB;
    unit += 1;
  }
  const digits = unit >= 2 && amount < 100 ? 1 : 0;
  return `${amount.toFixed(digits)} ${units[unit]}`;
}

/** How long something lasts, in one unit: 3.1s, 48s, 13m, 2h, 2d. */
export function shortDuration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)}s`;
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86400)}d`;
}

/** How long something lasts, in words: 48 s, 13 min, 2 h 5 min, 3 days. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "1 day" : `${days} days`;
}

/** A short stretch of time as a measurement: 0.2 ms, 312 ms, 1.31 s. */
export function measured(seconds: number): string {
  const ms = seconds * 1000;
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${seconds.toFixed(2)} s`;
  return duration(seconds);
}

function padded(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}

/** The time of day, 14:16:08, as the settings have it.
 * @param seconds Since 1970. */
export function clock(seconds: number): string {
  const date = new Date(seconds * 1000);
  return timeFormat.value === "utc"
    ? `${padded(date.getUTCHours())}:${padded(date.getUTCMinutes())}:${padded(date.getUTCSeconds())}`
    : `${padded(date.getHours())}:${padded(date.getMinutes())}:${padded(date.getSeconds())}`;
}

/** The time of day with milliseconds, 14:16:08.002. */
export function preciseClock(seconds: number): string {
  return `${clock(seconds)}.${padded(Math.floor((seconds * 1000) % 1000), 3)}`;
}

/** The date and the time, for a title where the day may matter. */
export function dateAndClock(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day =
    timeFormat.value === "utc"
      ? `${date.getUTCFullYear()}-${padded(date.getUTCMonth() + 1)}-${padded(date.getUTCDate())}`
      : `${date.getFullYear()}-${padded(date.getMonth() + 1)}-${padded(date.getDate())}`;
  return `${day} ${clock(seconds)}${timeFormat.value === "utc" ? " UTC" : ""}`;
}

/** A count with its noun: 1 resource, 3 resources, 12,000 lines. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

/** A name of a file without its folders. */
export function fileName(path: string): string {
  return path.split("/").at(-1) ?? path;
}

/** Names in a sentence: api, api and worker, api, web and worker. */
export function listed(names: readonly string[]): string {
  const [last, ...before] = [...names].reverse();
  return before.length === 0 ? (last ?? "") : `${before.reverse().join(", ")} and ${last}`;
}

/** A text as a sentence begins. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
