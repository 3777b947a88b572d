import { signal } from "@preact/signals";
import { ask } from "../../../api/client";
import { type Problem, toProblem } from "../../../api/problem";
import type { LogView, TraceDocument } from "../../../api/schema";
import { entries } from "../logFeed";

/** How many entries before one are shown. */
const BEFORE = 4;

/** The entry whose drawer is open; null until it is known. */
export const openedEntry = signal<LogView | null>(null);
/** Why it could not be fetched; null when it could. */
export const entryProblem = signal<Problem | null>(null);
/** The trace in which it happened; null until it came, or where there is none. */
export const entryTrace = signal<TraceDocument | null>(null);
/** What the same instance told just before, newest first. */
export const justBefore = signal<readonly LogView[]>([]);

/** Fetch an entry and what belongs to it, until the returned function is called. */
export function openEntry(id: number): () => void {
  const abort = new AbortController();
  const { signal: aborted } = abort;
  if (openedEntry.peek()?.id !== id) {
    openedEntry.value = entries.peek().shown.find((entry) => entry.id === id) ?? null;
    entryTrace.value = null;
    justBefore.value = [];
  }
  entryProblem.value = null;

  async function loadTrace(trace: string): Promise<void> {
    entryTrace.value = await ask("GET /api/telemetry/traces/{trace}", { path: { trace }, signal: aborted });
  }

  async function loadBefore({ resource, instance }: LogView): Promise<void> {
    const query = { r: [resource], f: [`instance=${instance}`], before: id, limit: BEFORE };
    const { logs } = await ask("GET /api/telemetry/logs", { query, signal: aborted });
    justBefore.value = [...logs].reverse();
  }

  async function load(): Promise<void> {
    try {
      const path = { entry: String(id) };
      const entry = await ask("GET /api/telemetry/logs/{entry}", { path, signal: aborted });
      openedEntry.value = entry;
      // A trace may be dropped already; the entry is shown without it then.
      await Promise.allSettled([entry.trace_id ? loadTrace(entry.trace_id) : undefined, loadBefore(entry)]);
    } catch (error) {
      if (!aborted.aborted) entryProblem.value = toProblem(error);
    }
  }

  void load();
  return () => abort.abort();
}
