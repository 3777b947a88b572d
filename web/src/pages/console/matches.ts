import type { Row } from "./lines/rows";

/** The rows that a search has found, in order. */
export function foundRows(rows: readonly Row[], search: number): readonly Row[] {
  return rows.filter((row) => row.isFound(search));
}

/** The next of some rows, seen from a place in the list; round the end it begins again.
 * @param from The index of the row that the reader is at; the next one is another. */
export function nextRow(rows: readonly Row[], from: number, step: 1 | -1): Row | undefined {
  return step === 1
    ? (rows.find((row) => row.index > from) ?? rows[0])
    : (rows.findLast((row) => row.index < from) ?? rows.at(-1));
}
