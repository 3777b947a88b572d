import { describe, expect, it } from "vitest";
import { columnText, columnTitle, gridColumns, withColumn } from "./columns";
import { entryOf } from "./testing";

describe("columns", () => {
  it("adds and takes away, the trace last", () => {
    expect(withColumn(["trace"], "@order.id")).toEqual(["@order.id", "trace"]);
    expect(withColumn(["@order.id"], "trace")).toEqual(["@order.id", "trace"]);
    expect(withColumn(["@order.id", "trace"], "@order.id")).toEqual(["trace"]);
  });

  it("shows what an entry has", () => {
    const entry = entryOf(1, { trace_id: "4bf92f1234", attributes: [{ name: "order.id", value: "ord_1" }] });
    expect((["logger", "trace", "@order.id", "@x"] as const).map((each) => columnText(entry, each))).toEqual([
      "shop",
      "4bf92f",
      "ord_1",
      "",
    ]);
    expect(columnTitle("@order.id")).toBe("order.id");
    expect(gridColumns(["trace"])).toBe("92px 72px 84px minmax(0, 1fr) 74px");
  });
});
