import { describe, expect, it } from "vitest";
import { isFiltered, listQuery, readLogFilters } from "./logQuery";

describe("what of the logs is shown", () => {
  it("comes from the address", () => {
    const query = new URLSearchParams("q=pool&level=warn&f=a%3D1&f=b%3E2&f=nonsense");
    const filters = readLogFilters(query, ["api"]);
    expect(listQuery(filters)).toEqual({ r: ["api"], q: "pool", level: "warn", f: ["a=1", "b>2"] });
    expect(isFiltered(filters)).toBe(true);
  });

  it("is everything where the address says nothing", () => {
    const filters = readLogFilters(new URLSearchParams("level=loud"), []);
    expect(listQuery(filters)).toEqual({});
    expect(isFiltered(filters)).toBe(false);
  });
});
