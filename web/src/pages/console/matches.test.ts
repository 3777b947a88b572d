import { describe, expect, it } from "vitest";
import { LineStore } from "./lines/lineStore";
import { RowList } from "./lines/rowList";
import { linesOf } from "./lines/testing";
import { foundRows, nextRow } from "./matches";

describe("matches", () => {
  it("goes from one to the next, round the end too", () => {
    const store = new LineStore();
    const list = new RowList({ listsLine: () => true, showsRow: () => true, height: () => 20 });
    store.add(linesOf("api", ["a", "x", "b", "x2", "c"]));
    for (const line of store.takeFresh()) {
      if (line.text.startsWith("x")) line.found = 7;
      list.push(line);
    }
    const found = foundRows(list.rows, 7);
    expect(found.map((row) => row.index)).toEqual([1, 3]);
    const indexes = [
      nextRow(found, -1, 1),
      nextRow(found, 1, 1),
      nextRow(found, 3, 1),
      nextRow(found, 1, -1),
    ];
    expect(indexes.map((row) => row?.index)).toEqual([1, 3, 1, 3]);
    expect(nextRow([], 0, 1)).toBeUndefined();
  });
});
