import { describe, expect, it } from "vitest";
import type { Line } from "../../../api/schema";
import { LineStore } from "./lineStore";
import { RowList } from "./rowList";
import type { Row } from "./rows";
import type { StoredLine } from "./storedLine";
import { lineOf, linesOf } from "./testing";

interface Filter {
  line: (line: StoredLine) => boolean;
  row: (row: Row) => boolean;
}

function listOf(lines: readonly Line[]): { store: LineStore; list: RowList; filter: Filter } {
  const store = new LineStore();
  store.add(lines);
  const filter: Filter = { line: () => true, row: () => true };
  const list = new RowList({
    listsLine: (line) => filter.line(line),
    showsRow: (row) => filter.row(row),
    height: () => 20,
  });
  for (const line of store.takeFresh()) list.push(line);
  return { store, list, filter };
}

const shown = (list: RowList) => list.rows.map((row) => [row.head.text, row.count, row.stack?.length ?? 0]);
const TRACE = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'x'"];
const traceOf = (from: number) =>
  TRACE.map((text, at) => lineOf("api", from + at, text, { level: "error", time: 5 }));

describe("rows", () => {
  it("folds the same lines in a row, also with a few of others in between", () => {
    const { list } = listOf([
      ...linesOf("api", ["ping", "ping"]),
      ...linesOf("web", ["x"]),
      ...linesOf("api", ["ping", "pong", "ping"], 3),
    ]);
    expect(shown(list)).toEqual([
      ["ping", 3, 0],
      ["x", 1, 0],
      ["pong", 1, 0],
      ["ping", 1, 0],
    ]);
    expect(list.rows[0]?.again).toEqual([2, 3]);
  });

  it("does not fold across many other rows, replicas or levels", () => {
    const others = linesOf(
      "web",
      Array.from({ length: 9 }, (_, at) => `${at}`),
    );
    const { list } = listOf([...linesOf("api", ["ping"]), ...others, ...linesOf("api", ["ping"], 2)]);
    expect(list.rows).toHaveLength(11);
    const two = listOf([
      lineOf("api", 1, "a", { source: "1" }),
      lineOf("api", 2, "a", { source: "2" }),
      lineOf("api", 3, "a", { source: "2", level: "warn" }),
    ]);
    expect(two.list.rows).toHaveLength(3);
  });

  it("puts a stack trace into the row of the error before it, and opens it", () => {
    const { list } = listOf([lineOf("api", 1, "ERROR: no", { level: "error", time: 5 }), ...traceOf(2)]);
    expect(shown(list)).toEqual([["ERROR: no", 1, 3]]);
    expect(list.rows[0]?.isUnfolded).toBe(true);
  });

  it("makes a row of a stack trace alone", () => {
    const { list } = listOf([
      lineOf("api", 1, "started", { time: 5 }),
      ...traceOf(2),
      lineOf("api", 5, "next"),
    ]);
    expect(shown(list)).toEqual([
      ["started", 1, 0],
      [TRACE[0], 1, 2],
      ["next", 1, 0],
    ]);
  });

  it("keeps what the reader has folded, and the anchor of each line, when other lines are listed", () => {
    const { store, list, filter } = listOf([...traceOf(1), lineOf("web", 1, "next")]);
    const [row] = list.rows;
    if (row) row.unfolded = false;
    filter.line = (line) => line.log.id === "api";
    list.reset(store.lines);
    expect(list.rows).toHaveLength(1);
    expect(list.rows[0]?.isUnfolded).toBe(false);
    expect(row?.index).toBe(-1);
    expect(store.lines.map((line) => line.row?.index)).toEqual([0, 0, 0, undefined]);
    expect(list.heights.total).toBe(20);
  });

  it("keeps stack traces whole whatever filter there is", () => {
    const { list, filter } = listOf([lineOf("api", 1, "fine", { level: "info" }), ...traceOf(2)]);
    filter.row = (row) => row.level === "error";
    list.filter();
    expect(shown(list)).toEqual([[TRACE[0], 1, 2]]);
  });

  it("shows a row that only its stack trace makes an error", () => {
    const store = new LineStore();
    const list = new RowList({
      listsLine: () => true,
      showsRow: (row) => row.level === "error",
      height: () => 20,
    });
    store.add([
      lineOf("api", 1, "TypeError: no", { time: 5 }),
      lineOf("api", 2, "  at f (a.js:1:2)", { time: 5, level: "error" }),
    ]);
    for (const line of store.takeFresh()) list.push(line);
    expect(list.rows).toHaveLength(0);
    expect(list.mend()).toBe(true);
    expect(shown(list)).toEqual([["TypeError: no", 1, 1]]);
  });

  it("finds the row of a time", () => {
    const { list } = listOf(linesOf("api", ["a", "b", "c"]));
    expect([list.indexAt(0), list.indexAt(1.5), list.indexAt(9)]).toEqual([0, 1, 2]);
  });

  it("takes rows out whose lines are dropped", () => {
    const { store, list } = listOf(linesOf("api", ["a", "b", "c"]));
    store.log("api").first = 3;
    list.dropOld();
    expect(shown(list)).toEqual([["c", 1, 0]]);
    expect(list.rows[0]?.index).toBe(0);
    expect(list.heights.total).toBe(20);
  });
});
