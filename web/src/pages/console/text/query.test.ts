import { describe, expect, it } from "vitest";
import { matching, rangesIn, readQuery } from "./query";

describe("search", () => {
  it("takes words as they are, in any case", () => {
    const query = readQuery("pool.(");
    expect(matching(["QueuePool.(x", "pool(", ""], query)).toEqual([0]);
    expect(rangesIn("pool.( POOL.(", query)).toEqual([
      { from: 0, to: 6 },
      { from: 7, to: 13 },
    ]);
  });

  it("takes expressions between slashes", () => {
    expect(matching(["took 997 ms", "took ms"], readQuery("/took \\d+/"))).toEqual([0]);
    expect(rangesIn("ab", readQuery("/x*/"))).toEqual([]);
  });

  it("says why an expression is none", () => {
    expect(readQuery("/(/").kind).toBe("broken");
    expect(readQuery("/x").kind).toBe("text");
  });

  it("finds nothing where nothing is searched for", () => {
    expect(matching(["a"], readQuery(""))).toEqual([]);
  });
});
