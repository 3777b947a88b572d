import type { SpanView, TraceDocument } from "../../../api/schema";

/** What is remembered of the span that was selected last, so that the next trace shows the same operation. */
export type Operation = Pick<SpanView, "resource" | "name">;

/** Where a trace failed first: an error goes up from span to span, so it is the first without a failed span below. */
export function firstError({ spans }: TraceDocument): SpanView | undefined {
  const failed = spans.filter((span) => span.status === "error");
  const above = new Set(failed.map((span) => span.parent_id));
  return failed.find((span) => !above.has(span.span_id)) ?? failed[0];
}

/** The span that is selected when a trace is opened without one: the same operation as in the trace before, where one
 * was selected there; else the first that failed. */
export function initialSpan(document: TraceDocument, before: Operation | null): SpanView | undefined {
  const same =
    before && document.spans.find((span) => span.name === before.name && span.resource === before.resource);
  return same ?? firstError(document);
}
