import type { LogView } from "../../api/schema";

/** An entry for tests, but for what is given. */
export function entryOf(id: number, fields: Partial<LogView> = {}): LogView {
  return {
    id,
    time: id,
    level: "info",
    resource: "api",
    instance: "api",
    scope: "shop",
    message: `entry ${id}`,
    parts: [{ text: `entry ${id}`, value: false, attribute: null }],
    trace_id: null,
    span_id: null,
    attributes: [],
    sender: [],
    exception: null,
    ...fields,
  };
}
