import { expect, test } from "vitest";
import { bytes, counted, duration, listed, measured, shortDuration } from "./format";

test("sizes have three figures at most", () => {
  expect([0, 900, 96 * 1024 ** 2, 1000 * 1024 ** 2, 1.25 * 1024 ** 3].map(bytes)).toEqual([
    "0 B",
    "900 B",
    "96 MiB",
    "1.0 GiB",
    "1.3 GiB",
  ]);
});

test("durations are written in the unit that tells most", () => {
  expect([-1, 3.14, 48.9, 800, 7300, 200000].map(shortDuration)).toEqual([
    "0.0s",
    "3.1s",
    "48s",
    "13m",
    "2h",
    "2d",
  ]);
  expect([3.14, 48, 800, 7200, 7500, 90000, 200000].map(duration)).toEqual([
    "3.1 s",
    "48 s",
    "13 min",
    "2 h",
    "2 h 5 min",
    "1 day",
    "2 days",
  ]);
  expect([0.0002, 0.312, 1.312, 75].map(measured)).toEqual(["0.2 ms", "312 ms", "1.31 s", "1 min"]);
});

test("a count agrees with its noun", () => {
  expect([counted(1, "resource"), counted(12000, "entry", "entries")]).toEqual([
    "1 resource",
    "12,000 entries",
  ]);
});

test("names in a sentence are joined by commas and a last and", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed)).toEqual(["", "a", "a and b", "a, b and c"]);
});
