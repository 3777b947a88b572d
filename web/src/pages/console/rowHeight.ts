import type { Row } from "./lines/rows";
import { SHORT } from "./text/pieces";

/** How lines are laid out, as far as their heights depend on it; in pixels. */
export interface Metrics {
  /** The height of a row beyond that of its lines of text. */
  around: number;
  line: number;
  /** Characters that fit into a line of text. */
  columns: number;
  isWrapped: boolean;
}

let metrics: Metrics = { around: 0, line: 20, columns: 120, isWrapped: true };
/** The heights of rows that were drawn and are not as high as was thought, by their first line. */
let measured = new WeakMap<Row, { version: number; height: number }>();

/** Lay lines out otherwise from now on; what was measured no longer counts. Returns whether that is something else. */
export function layOut(next: Metrics): boolean {
  const isSame =
    next.around === metrics.around &&
    next.line === metrics.line &&
    next.columns === metrics.columns &&
    next.isWrapped === metrics.isWrapped;
  if (isSame) return false;
  metrics = next;
  measured = new WeakMap();
  return true;
}

/** Lines of text that some characters take. */
function linesOf(length: number): number {
  return metrics.isWrapped ? Math.max(1, Math.ceil(length / metrics.columns)) : 1;
}

/** The height of a row: as it was measured, or as far as it can be told from its text. */
export function rowHeight(row: Row): number {
  const known = measured.get(row);
  if (known?.version === row.version) return known.height;
  const { head, stack } = row;
  const length = row.isWhole ? head.text.length : Math.min(head.text.length, SHORT);
  let lines = linesOf(length);
  if (row.isUnfolded && stack) for (const line of stack) lines += linesOf(Math.min(line.text.length, SHORT));
  else if (row.isUnfolded && row.again) lines += 1;
  return metrics.around + lines * metrics.line;
}

/** A row was drawn with a height that is not the one that was thought. */
export function keepHeight(row: Row, height: number): void {
  measured.set(row, { version: row.version, height });
}
