import type { LogView } from "../../api/schema";
import type { Look } from "./stateLook";

/** The levels of structured log entries. */
export type EntryLevel = LogView["level"];

const LOOKS: Readonly<Record<EntryLevel, Look>> = {
  trace: { shape: "idle", tone: "idle", word: "Trace" },
  debug: { shape: "idle", tone: "idle", word: "Debug" },
  info: { shape: "active", tone: "idle", word: "Info" },
  warn: { shape: "warn", tone: "warn", word: "Warning" },
  error: { shape: "bad", tone: "bad", word: "Error" },
  fatal: { shape: "bad", tone: "bad", word: "Fatal" },
};

/** How the level of a structured log entry looks. */
export function levelLook(level: EntryLevel): Look {
  return LOOKS[level];
}
