import type { ResourceShare, SpanView, TraceView } from "../api/schema";

/** A trace for tests: what does not matter there has a calm value. */
export function traceView(fields: Partial<TraceView> & { trace_id: string }): TraceView {
  return {
    name: "GET /",
    resource: "web",
    start: 100,
    duration: 0.01,
    spans: 1,
    errors: 0,
    running: false,
    shares: [],
    imported: false,
    dropped: 0,
    version: 1,
    ...fields,
  };
}

/** A span for tests. */
export function spanView(fields: Partial<SpanView> & { span_id: string }): SpanView {
  return {
    parent_id: null,
    name: "GET /",
    resource: "web",
    sender: "web",
    instance: "web",
    scope: "",
    kind: "internal",
    depth: 0,
    offset: 0,
    duration: 0.01,
    self_time: 0.01,
    longest_path: false,
    status: "unset",
    status_message: "",
    attributes: [],
    events: [],
    links: [],
    exception: null,
    logs: 0,
    ...fields,
  };
}

/** What a resource has to do with a trace, for tests. */
export function share(
  resource: string,
  self_time: number,
  fields: Partial<ResourceShare> = {},
): ResourceShare {
  return {
    resource,
    spans: 1,
    self_time,
    longest_operation: "work",
    longest_self_time: self_time,
    ...fields,
  };
}
