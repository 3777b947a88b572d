import { expect, test } from "vitest";
import { spanView, traceView } from "../../../testing/traces";
import { initialSpan } from "./spanChoice";

const FINE = spanView({ span_id: "a" });
const FAILED = spanView({ span_id: "b", name: "create", status: "error" });
const RAISED = spanView({
  span_id: "c",
  parent_id: "b",
  depth: 1,
  name: "acquire",
  status: "error",
});
const DOCUMENT = { trace: traceView({ trace_id: "t" }), spans: [FINE, FAILED, RAISED] };

test("trouble opens itself: the span that failed first, without a failed one below it", () => {
  expect(initialSpan(DOCUMENT, null)).toBe(RAISED);
  expect(initialSpan({ ...DOCUMENT, spans: [FINE, FAILED] }, null)).toBe(FAILED);
  expect(initialSpan({ ...DOCUMENT, spans: [FINE] }, null)).toBeUndefined();
});

test("the operation that was looked at is selected in the next trace too", () => {
  expect(initialSpan(DOCUMENT, { resource: "web", name: "GET /" })).toBe(FINE);
  expect(initialSpan(DOCUMENT, { resource: "web", name: "gone" })).toBe(RAISED);
});
