import type { SpanView, TraceDocument } from "../../../api/schema";

/** A bar of the small waterfall; from 0 to 1 of the duration of the trace. */
export interface MiniBar {
  span: SpanView;
  from: number;
  width: number;
  /** Whether it is the span of the entry, or one that this is a part of. */
  isOnPath: boolean;
}

/** Spans that the small waterfall has room for. */
const MOST = 7;

/** The spans from the first one down to one of a trace. */
function pathTo(spans: readonly SpanView[], id: string | null): ReadonlySet<string> {
  const byId = new Map(spans.map((span) => [span.span_id, span]));
  const path = new Set<string>();
  for (let at = byId.get(id ?? ""); at && !path.has(at.span_id); at = byId.get(at.parent_id ?? ""))
    path.add(at.span_id);
  return path;
}

/** The bars of a small waterfall: the way down to the span of an entry, and the longest of the others, in their order. */
export function miniBars({ trace, spans }: TraceDocument, id: string | null): readonly MiniBar[] {
  const path = pathTo(spans, id);
  const others = spans.filter((span) => !path.has(span.span_id)).sort((a, b) => b.duration - a.duration);
  const deepest = spans.filter((span) => path.has(span.span_id)).slice(-MOST);
  const chosen = new Set([...deepest, ...others.slice(0, MOST - deepest.length)]);
  const whole = trace.duration || 1;
  return spans
    .filter((span) => chosen.has(span))
    .map((span) => ({
      span,
      from: span.offset / whole,
      width: span.duration / whole,
      isOnPath: path.has(span.span_id),
    }));
}
