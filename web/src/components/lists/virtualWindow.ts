/** Rows that are drawn beyond the edges, so that a quick scroll shows no gap. */
const OVERSCAN = 8;

/** The rows that are drawn, the first and the one behind the last. */
export interface RowWindow {
  first: number;
  end: number;
}

/** Which rows of a fixed height are drawn. */
export function rowWindow(scrollTop: number, viewport: number, rowHeight: number, count: number): RowWindow {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN);
  const end = Math.min(count, Math.ceil((scrollTop + viewport) / rowHeight) + OVERSCAN);
  return { first: Math.min(first, Math.max(0, count - 1)), end };
}

/** Where to scroll so that what was read stays where it is, when rows came or went above it.
 * @param keys The keys of the rows now.
 * @param anchor The key of the row that was at the top.
 * @param offset How far that was scrolled past the edge.
 * @returns Undefined when the anchor is gone. */
export function anchoredScroll(
  keys: readonly (string | number)[],
  anchor: string | number,
  offset: number,
  rowHeight: number,
): number | undefined {
  const index = keys.indexOf(anchor);
  return index < 0 ? undefined : index * rowHeight + offset;
}
