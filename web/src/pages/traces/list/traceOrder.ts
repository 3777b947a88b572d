import type { TraceView } from "../../../api/schema";

/** The traces of the list, and those that wait because the reader looks at it. */
export interface TraceRows {
  /** Newest first. */
  shown: readonly TraceView[];
  /** New ones that would move what is looked at. */
  held: readonly TraceView[];
}

/** No traces. */
export const NO_ROWS: TraceRows = { shown: [], held: [] };

/** How many are kept in the list. */
const MOST = 5000;

function newestFirst(a: TraceView, b: TraceView): number {
  return b.start - a.start || (a.trace_id < b.trace_id ? -1 : 1);
}

function latest(traces: Iterable<TraceView>): Map<string, TraceView> {
  const byId = new Map<string, TraceView>();
  for (const trace of traces) {
    const known = byId.get(trace.trace_id);
    if (known === undefined || known.version <= trace.version) byId.set(trace.trace_id, trace);
  }
  return byId;
}

/** Put traces into a list: those known already are renewed, all are in the order of their beginning. */
export function inOrder(...lists: readonly (readonly TraceView[])[]): readonly TraceView[] {
  return [...latest(lists.flat()).values()].sort(newestFirst).slice(0, MOST);
}

/** Take in what has changed. While the list is held, rows change in place and new ones wait.
 * @param isHeld Whether the reader looks at the list, or has stopped following it. */
export function withChanges(rows: TraceRows, changes: readonly TraceView[], isHeld: boolean): TraceRows {
  if (!isHeld) return { shown: inOrder(rows.shown, rows.held, changes), held: [] };
  const changed = latest(changes);
  const shown = rows.shown.map((trace) => {
    const change = changed.get(trace.trace_id);
    changed.delete(trace.trace_id);
    return change !== undefined && change.version > trace.version ? change : trace;
  });
  return { shown, held: inOrder(rows.held, [...changed.values()]) };
}

/** Show those that wait. */
export function released(rows: TraceRows): TraceRows {
  return rows.held.length === 0 ? rows : { shown: inOrder(rows.shown, rows.held), held: [] };
}
