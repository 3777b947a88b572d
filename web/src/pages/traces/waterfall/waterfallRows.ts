import type { SpanView } from "../../../api/schema";

/** A row of the waterfall. */
export interface SpanRow {
  span: SpanView;
  /** How many spans are below it, at all depths. */
  below: number;
  collapsed: boolean;
}

/** How many spans are below each, given all depth first. */
function countsBelow(spans: readonly SpanView[]): number[] {
  const counts = spans.map(() => 0);
  const path: number[] = [];
  spans.forEach((span, index) => {
    path.length = Math.min(path.length, span.depth);
    for (const ancestor of path) counts[ancestor] = (counts[ancestor] ?? 0) + 1;
    path[span.depth] = index;
  });
  return counts;
}

/** The rows that are shown: all spans but those below a collapsed one.
 * @param spans Depth first, as the host sends them.
 * @param collapsed The ids of the spans that are collapsed. */
export function waterfallRows(
  spans: readonly SpanView[],
  collapsed: ReadonlySet<string>,
): readonly SpanRow[] {
  const counts = countsBelow(spans);
  const rows: SpanRow[] = [];
  for (let index = 0; index < spans.length; index += 1) {
    const span = spans[index];
    const below = counts[index] ?? 0;
    if (span === undefined) break;
    const isCollapsed = below > 0 && collapsed.has(span.span_id);
    rows.push({ span, below, collapsed: isCollapsed });
    if (isCollapsed) index += below;
  }
  return rows;
}

/** The spans above one, the nearest first. */
export function ancestorsOf(spans: readonly SpanView[], id: string): readonly SpanView[] {
  let at = spans.findIndex((span) => span.span_id === id);
  const ancestors: SpanView[] = [];
  let depth = spans[at]?.depth ?? 0;
  for (at -= 1; at >= 0 && depth > 0; at -= 1) {
    const span = spans[at];
    if (span !== undefined && span.depth < depth) {
      ancestors.push(span);
      depth = span.depth;
    }
  }
  return ancestors;
}

/** What a key does in the waterfall. */
export type WaterfallMove =
  | { do: "select"; id: string }
  | { do: "collapse"; id: string }
  | { do: "expand"; id: string };

/** What a key does, given the selected row; undefined where it does nothing.
 * @param page How many rows are in view. */
export function waterfallMove(
  rows: readonly SpanRow[],
  selected: string | null,
  key: string,
  page: number,
): WaterfallMove | undefined {
  const at = rows.findIndex(({ span }) => span.span_id === selected);
  const row = rows[at];
  const select = (index: number): WaterfallMove | undefined => {
    const target = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    return target === undefined ? undefined : { do: "select", id: target.span.span_id };
  };
  switch (key) {
    case "ArrowDown":
      return select(at + 1);
    case "ArrowUp":
      return select(at - 1);
    case "PageDown":
      return select(at + page);
    case "PageUp":
      return select(at - page);
    case "Home":
      return select(0);
    case "End":
      return select(rows.length - 1);
    case "ArrowRight":
      if (row === undefined || row.below === 0) return undefined;
      return row.collapsed ? { do: "expand", id: row.span.span_id } : select(at + 1);
    case "ArrowLeft":
      if (row === undefined) return undefined;
      if (row.below > 0 && !row.collapsed) return { do: "collapse", id: row.span.span_id };
      return select(parentIndex(rows, at));
  }
  return undefined;
}

function parentIndex(rows: readonly SpanRow[], at: number): number {
  const depth = rows[at]?.span.depth ?? 0;
  for (let index = at - 1; index >= 0; index -= 1) if ((rows[index]?.span.depth ?? 0) < depth) return index;
  return at;
}
