import type { LevelCounts, LogLevel } from "../../api/schema";

/** The levels that can be shown or not, worst first. */
export const LEVELS: readonly LogLevel[] = ["error", "warn", "info", "debug"];

/** The word for a level. */
export const LEVEL_WORDS: Readonly<Record<LogLevel, string>> = {
  error: "Error",
  warn: "Warn",
  info: "Info",
  debug: "Debug",
};

/** The levels that an address asks for; all where it names none. */
export function readLevels(value: string): ReadonlySet<LogLevel> {
  const named = LEVELS.filter((level) => value.split(",").includes(level));
  return new Set(named.length === 0 ? LEVELS : named);
}

/** The value for the address after a level was turned on or off: empty where all are on, and where none would be. */
export function toggledLevels(shown: ReadonlySet<LogLevel>, level: LogLevel): string {
  const after = LEVELS.filter((each) => (each === level ? !shown.has(each) : shown.has(each)));
  return after.length === LEVELS.length ? "" : after.join(",");
}

/** The level that a line without one is shown with: what Fairlead says and what says nothing of itself is no alarm. */
export function shownLevel(level: LogLevel | null): LogLevel {
  return level ?? "info";
}

/** How many lines are shown or hidden with a level. */
export function countOf(counts: LevelCounts, level: LogLevel): number {
  return level === "info" ? counts.info + counts.other + counts.fairlead : counts[level];
}

/** A count in few characters: 64, 1.5k, 12k. */
export function shortCount(count: number): string {
  if (count < 1000) return String(count);
  if (count < 9950) return `${(count / 1000).toFixed(1)}k`;
  return count < 999_500 ? `${Math.round(count / 1000)}k` : `${(count / 1e6).toFixed(1)}M`;
}
