import { describe, expect, it } from "vitest";
import { filterLabel, isFilterName, OPERATORS, readFilter, withFilter, writeFilter } from "./filters";

describe("filters", () => {
  it("reads what it writes", () => {
    for (const { operator } of OPERATORS)
      for (const value of ["100", "a = b", " x ", "", '"quoted"', "GET /a?b=1"]) {
        const filter = { name: "order.total", operator, value };
        expect(readFilter(writeFilter(filter))).toEqual(filter);
      }
  });

  it("reads what a person writes", () => {
    expect(readFilter("order.total > 100")).toEqual({ name: "order.total", operator: ">", value: "100" });
    expect(readFilter("nonsense")).toBeNull();
  });

  it("says what it is", () => {
    expect(filterLabel({ name: "http.route", operator: "!=", value: "/healthz" })).toBe(
      "http.route ≠ /healthz",
    );
    expect(filterLabel({ name: "a", operator: "=", value: "" })).toBe("a = nothing");
  });

  it("knows names", () => {
    expect(["order.total", "a b", "", "a=b", "~x"].map(isFilterName)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("adds a filter once", () => {
    const filter = { name: "a", operator: "=", value: "1" } as const;
    expect(withFilter(["b=2"], filter)).toEqual(["b=2", "a=1"]);
    expect(withFilter(["a=1"], filter)).toEqual(["a=1"]);
  });
});
