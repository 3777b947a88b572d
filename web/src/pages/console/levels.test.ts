import { describe, expect, it } from "vitest";
import { countOf, LEVELS, readLevels, shortCount, toggledLevels } from "./levels";

describe("levels", () => {
  it("shows all where the address names none", () => {
    expect([...readLevels("")]).toEqual(LEVELS);
    expect([...readLevels("nonsense")]).toEqual(LEVELS);
    expect([...readLevels("warn,error")]).toEqual(["error", "warn"]);
  });

  it("turns them on and off", () => {
    expect(toggledLevels(new Set(LEVELS), "debug")).toBe("error,warn,info");
    expect(toggledLevels(readLevels("error,warn,info"), "debug")).toBe("");
    expect(toggledLevels(readLevels("error"), "error")).toBe("");
  });

  it("counts lines without a level as information", () => {
    const counts = { error: 1, warn: 2, info: 3, debug: 4, other: 5, fairlead: 6 };
    expect(LEVELS.map((level) => countOf(counts, level))).toEqual([1, 2, 14, 4]);
  });

  it("writes counts short", () => {
    expect([64, 1499, 9960, 12_345, 2_000_000].map(shortCount)).toEqual(["64", "1.5k", "10k", "12k", "2.0M"]);
  });
});
