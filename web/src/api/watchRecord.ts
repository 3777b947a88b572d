import type { Cause, ResourceEvent, Snapshot } from "./schema";

/** A line of `GET /api/watch`. */
export type WatchRecord =
  | { kind: "snapshot"; snapshot: Snapshot }
  | { kind: "removal"; id: string; version: number }
  | { kind: "present"; version: number }
  | { kind: "causes"; causes: readonly Cause[] }
  | { kind: "event"; event: ResourceEvent }
  | { kind: "usage"; time: number; values: Record<string, readonly number[]> }
  | { kind: "alive" };
