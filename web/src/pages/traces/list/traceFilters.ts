import type { Routes } from "../../../api/schema";

/** Which traces are asked for by their kind. */
export type Which = "all" | "errors" | "slow";

/** Seconds from which on a trace counts as slow, as the host counts them. */
export const SLOW = 0.5;

/** What the address says of the traces in the list. */
export interface TraceFilters {
  /** The ids of resources, one of which has to do with the trace; none means all. */
  resources: readonly string[];
  /** A text, an id, or `attribute = value`. */
  text: string;
  /** The shortest duration in seconds; 0 for any. */
  least: number;
  errors: boolean;
}

/** The query that the host is asked with. */
export type TraceListQuery = Routes["GET /api/telemetry/traces"]["query"];

const UNITS: Readonly<Record<string, number>> = { "": 1, us: 1e-6, ms: 1e-3, s: 1, min: 60 };

/** Seconds of a text such as `500ms`, `1.5s` or `2min`; 0 of anything else. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(us|ms|s|min)?$/.exec(text.trim());
  return match ? Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1) : 0;
}

/** A duration as the address has it, in the unit that keeps it short. */
export function writeDuration(seconds: number): string {
  return seconds < 1 ? `${Number((seconds * 1000).toPrecision(3))}ms` : `${Number(seconds.toPrecision(3))}s`;
}

/** The filters that an address holds. */
export function readFilters(query: URLSearchParams, resources: readonly string[]): TraceFilters {
  return {
    resources,
    text: query.get("q") ?? "",
    least: parseDuration(query.get("min") ?? ""),
    errors: query.has("errors") && query.get("errors") !== "0",
  };
}

/** Which segment the filters are; null when they are none of them, such as slower than two seconds. */
export function whichOf({ errors, least }: TraceFilters): Which | null {
  if (errors) return least === 0 ? "errors" : null;
  if (least === 0) return "all";
  return least === SLOW ? "slow" : null;
}

/** Whether anything is filtered. */
export function isFiltered({ resources, text, least, errors }: TraceFilters): boolean {
  return resources.length > 0 || text !== "" || least > 0 || errors;
}

/** What the host is asked for. */
export function listQuery({ resources, text, least, errors }: TraceFilters): TraceListQuery {
  return {
    ...(resources.length > 0 && { r: resources }),
    ...(text !== "" && { q: text }),
    ...(least > 0 && { min: least }),
    ...(errors && { errors: "1" }),
  };
}
