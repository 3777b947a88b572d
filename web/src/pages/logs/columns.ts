import type { LogView } from "../../api/schema";
import { stored } from "../../state/place/stored";

/** A column beside time, level, resource and message: the logger, the trace, or an attribute by its name. */
export type Column = "logger" | "trace" | `@${string}`;

function isColumns(value: unknown): value is readonly Column[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string" && isColumn(each));
}

function isColumn(name: string): name is Column {
  return name === "logger" || name === "trace" || /^@./.test(name);
}

/** The columns that are shown, in order. */
export const columns = stored<readonly Column[]>("fairlead.logs.columns", ["trace"], isColumns);

/** The word above a column. */
export function columnTitle(column: Column): string {
  if (column === "logger") return "Logger";
  return column === "trace" ? "Trace" : column.slice(1);
}

/** What an entry has in a column; empty where it has nothing. */
export function columnText(entry: LogView, column: Column): string {
  if (column === "logger") return entry.scope;
  if (column === "trace") return entry.trace_id?.slice(0, 6) ?? "";
  const name = column.slice(1);
  return [...entry.attributes, ...entry.sender].find((each) => each.name === name)?.value ?? "";
}

/** Columns with one more or one less; the trace stays at the end. */
export function withColumn(before: readonly Column[], column: Column): readonly Column[] {
  if (before.includes(column)) return before.filter((each) => each !== column);
  const others = before.filter((each) => each !== "trace");
  const all: Column[] = column === "trace" ? [...others, column] : [...others, column];
  return before.includes("trace") ? [...all, "trace"] : all;
}

/** The widths of all columns, for a grid. */
export function gridColumns(shown: readonly Column[]): string {
  const widths = shown.map((column) =>
    column === "trace" ? "74px" : column === "logger" ? "minmax(60px, 140px)" : "minmax(60px, 160px)",
  );
  return ["92px", "72px", "84px", "minmax(0, 1fr)", ...widths].join(" ");
}
