import type { Routes } from "../../api/schema";
import { NOTHING } from "../../state/place/scope";
import { readFilter } from "./filters";

/** What of the structured logs is shown. */
export interface LogFilters {
  resources: readonly string[];
  text: string;
  /** The lowest level; empty for all. */
  level: "" | "info" | "warn" | "error";
  /** As they stand in the address. */
  filters: readonly string[];
}

const LEVELS: readonly LogFilters["level"][] = ["info", "warn", "error"];

/** Read the filters of an address; what can't be read is left out. */
export function readLogFilters(query: URLSearchParams, resources: readonly string[]): LogFilters {
  return {
    resources,
    text: query.get("q") ?? "",
    level: LEVELS.find((level) => level === query.get("level")) ?? "",
    filters: query.getAll("f").filter((text) => readFilter(text) !== null),
  };
}

/** Whether anything but the resources is filtered. */
export function isFiltered({ text, level, filters }: LogFilters): boolean {
  return text !== "" || level !== "" || filters.length > 0;
}

/** Whether no resource is in view. */
export function isNothing({ resources }: LogFilters): boolean {
  return resources[0] === NOTHING;
}

/** The parameters of a request. */
export function listQuery({
  resources,
  text,
  level,
  filters,
}: LogFilters): Routes["GET /api/telemetry/logs"]["query"] {
  return {
    ...(resources.length > 0 && { r: resources }),
    ...(text && { q: text }),
    ...(level && { level }),
    ...(filters.length > 0 && { f: filters }),
  };
}
