import { expect, test } from "vitest";
import { fitness, fitting, type PaletteEntry } from "./palette";

function entry(group: PaletteEntry["group"], text: string, hint = ""): PaletteEntry {
  return { id: text, group, text, hint, run: () => undefined };
}

test("the beginning of a text fits better than that of a word, and that better than the middle", () => {
  expect([
    fitness("api", "AP"),
    fitness("search-api", "api"),
    fitness("rapid", "api"),
    fitness("web", "api"),
  ]).toEqual([3, 2, 1, 0]);
});

test("what fits comes in the order of the groups, the best first", () => {
  const entries = [
    entry("Pages", "Resources"),
    entry("Commands", "Stop rest"),
    entry("Commands", "Restart api"),
  ];
  expect(fitting(entries, "res").map((each) => each.text)).toEqual(["Restart api", "Stop rest", "Resources"]);
  expect(fitting(entries, "")).toHaveLength(3);
  expect(fitting(entries, "zzz")).toEqual([]);
});
