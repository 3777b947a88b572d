import type { LogView } from "../../api/schema";
import { changedQuery, writeAddress } from "../../state/place/address";
import { route, setQuery } from "../../state/place/route";
import { writerId } from "../../state/run/replicas";
import { resourceName } from "../../state/run/resources";
import { seriesClass } from "../../state/run/series";
import { type Filter, withFilter } from "./filters";

/** What the sender of an entry is called: its instance, where it has several. */
export function senderName({ resource, instance }: Pick<LogView, "resource" | "instance">): string {
  return instance || resourceName(resource);
}

/** The class that gives an element the colour of the sender of an entry: replicas have their own. */
export function senderClass({ resource, instance }: Pick<LogView, "resource" | "instance">): string {
  return seriesClass(writerId(resource, instance));
}

/** The address of an entry; filters stay. */
export function entryAddress(id: number): string {
  return writeAddress("logs", [String(id)]) + changedQuery(route.value.query, {});
}

/** The address of the list alone. */
export function listAddress(): string {
  return writeAddress("logs") + changedQuery(route.value.query, {});
}

/** The address of the trace of an entry, at its span. */
export function traceAddress({ trace_id, span_id }: Pick<LogView, "trace_id" | "span_id">): string {
  return trace_id === null ? "" : writeAddress("traces", [trace_id], { span: span_id });
}

/** The address of the console at the time of an entry. */
export function consoleAddress({ resource, time }: Pick<LogView, "resource" | "time">): string {
  return writeAddress("console", [], { r: resource, at: time.toFixed(3) });
}

/** Show only entries of which something holds. */
export function addFilter(filter: Filter): void {
  setQuery({ f: withFilter(route.peek().query.getAll("f"), filter) });
}
