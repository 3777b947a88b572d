import type { LogView } from "../../api/schema";

/** The entries of the list: those that are shown, newest first, and those that wait until they are asked for. */
export interface Entries {
  shown: readonly LogView[];
  held: readonly LogView[];
}

/** Nothing in the list. */
export const NO_ENTRIES: Entries = { shown: [], held: [] };

/** Entries that the page keeps at most; older ones are fetched again when they are scrolled to. */
export const MOST_ENTRIES = 5000;

/** Entries by their time, newest first: senders hand over theirs in portions, so that they arrive in another order. */
function inOrder(entries: readonly LogView[]): readonly LogView[] {
  return [...entries].sort((one, other) => other.time - one.time || other.id - one.id);
}

/** The number of the entry that arrived last. */
function newest({ shown, held }: Entries): number {
  let id = 0;
  for (const entry of shown) id = Math.max(id, entry.id);
  for (const entry of held) id = Math.max(id, entry.id);
  return id;
}

/** The number of the entry in the list that arrived first; 0 where there is none. */
export function oldest({ shown }: Entries): number {
  let id = Number.POSITIVE_INFINITY;
  for (const entry of shown) id = Math.min(id, entry.id);
  return Number.isFinite(id) ? id : 0;
}

/** With new entries where they belong, or held back.
 * @param arrived In the order in which they came.
 * @param holds Whether they wait. */
export function withArrived(before: Entries, arrived: readonly LogView[], holds: boolean): Entries {
  const last = newest(before);
  const fresh = arrived.filter((entry) => entry.id > last);
  if (fresh.length === 0) return before;
  const held = [...before.held, ...fresh].slice(-MOST_ENTRIES);
  return holds ? { ...before, held } : released({ ...before, held });
}

/** With those that waited. */
export function released({ shown, held }: Entries): Entries {
  return { shown: inOrder([...shown, ...held]).slice(0, MOST_ENTRIES), held: [] };
}

/** With older entries. */
export function withOlder(before: Entries, older: readonly LogView[]): Entries {
  const first = oldest(before) || Number.POSITIVE_INFINITY;
  return { ...before, shown: inOrder([...before.shown, ...older.filter((entry) => entry.id < first)]) };
}
