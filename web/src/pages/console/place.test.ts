import { describe, expect, it } from "vitest";
import { LineStore } from "./lines/lineStore";
import { RowList } from "./lines/rowList";
import { linesOf } from "./lines/testing";
import { readPlace, rowAt } from "./place";

describe("places", () => {
  it("reads times and lines from addresses", () => {
    expect(readPlace("1764166518.5", "")).toEqual({ kind: "time", time: 1764166518.5 });
    expect(readPlace("1970-01-01T00:01:00Z", "")).toEqual({ kind: "time", time: 60 });
    expect(readPlace("", "Lk8s/Pod/default/a:12")).toEqual({
      kind: "line",
      resource: "k8s/Pod/default/a",
      number: 12,
    });
    expect(readPlace("soon", "top")).toBeNull();
  });

  it("finds the row", () => {
    const store = new LineStore();
    const list = new RowList({ listsLine: () => true, showsRow: () => true, height: () => 20 });
    store.add(linesOf("api", ["a", "b", "c"]));
    for (const line of store.takeFresh()) list.push(line);
    expect(rowAt({ kind: "time", time: 1.5 }, store, list)?.head.text).toBe("b");
    expect(rowAt({ kind: "line", resource: "api", number: 3 }, store, list)?.head.text).toBe("c");
    expect(rowAt({ kind: "line", resource: "web", number: 3 }, store, list)).toBeNull();
  });
});
