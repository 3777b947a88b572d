import type { LogView } from "../../api/schema";

/** Names of attributes that were seen, each with its values, the most frequent first. */
export type Seen = ReadonlyMap<string, readonly string[]>;

/** Entries that are looked at. */
const MOST_ENTRIES = 500;
const MOST_VALUES = 50;
const LONGEST_VALUE = 80;

/** The attributes of some entries and of their senders, as suggestions for filters and columns; in the order of the
 * alphabet. */
export function seenAttributes(entries: readonly LogView[]): Seen {
  const counts = new Map<string, Map<string, number>>();
  for (const entry of entries.slice(0, MOST_ENTRIES)) {
    for (const { name, value } of [...entry.attributes, ...entry.sender]) {
      const values = counts.get(name) ?? new Map<string, number>();
      counts.set(name, values);
      if (value.length <= LONGEST_VALUE) values.set(value, (values.get(value) ?? 0) + 1);
    }
  }
  const names = [...counts.keys()].sort();
  return new Map(names.map((name) => [name, mostFrequent(counts.get(name) ?? new Map())]));
}

function mostFrequent(counts: ReadonlyMap<string, number>): readonly string[] {
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.slice(0, MOST_VALUES).map(([value]) => value);
}
