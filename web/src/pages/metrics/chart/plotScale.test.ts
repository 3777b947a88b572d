import { expect, test } from "vitest";
import { roundUp, valueScale } from "./plotScale";

test.each([
  [0.93, 1],
  [1.01, 1.2],
  [38, 40],
  [1200, 1200],
  [0, 1],
])("%d is rounded up to %d", (value, round) => {
  expect(roundUp(value)).toBeCloseTo(round);
});

function labels(least: number, most: number, unit: string, instrument = "x"): readonly string[] {
  return valueScale(least, most, unit, instrument).ticks.map((tick) => tick.label);
}

test("the scale is round in the unit that is written, which stands at the top", () => {
  expect(labels(0, 1.01, "s")).toEqual(["0", "0.6", "1.2 s"]);
  expect(labels(0, 0.13, "s")).toEqual(["0", "75", "150 ms"]);
  expect(labels(0, 115_343_360, "By")).toEqual(["0", "60", "120 MiB"]);
  expect(labels(0, 38, "/s")).toEqual(["0", "20", "40/s"]);
  expect(labels(0, 0.97, "", "redis.keyspace.hit_ratio")).toEqual(["0", "50", "100 %"]);
});

test("values below nothing have their scale too", () => {
  expect(labels(-3, 5, "")).toEqual(["-3", "1", "5"]);
  expect(labels(-3, 0, "")).toEqual(["-3", "-1.5", "0"]);
});
