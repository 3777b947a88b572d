import { expect, test } from "vitest";
import { thinned, valueAt } from "./thinning";

test("points lie over the pixels by their times, and gaps part the line", () => {
  const points = [
    { time: 0, value: 1 },
    { time: 5, value: 2 },
    { time: 6, value: null },
    { time: 10, value: 3 },
  ];
  expect(thinned(points, 0, 10, 100)).toEqual([
    [
      { x: 0, value: 1 },
      { x: 50, value: 2 },
    ],
    [{ x: 100, value: 3 }],
  ]);
});

test("a line with more points than pixels keeps its peaks", () => {
  const points = Array.from({ length: 10_000 }, (_, time) => ({
    time,
    value: time === 4321 ? 100 : time === 7777 ? -100 : 1,
  }));
  const [run = []] = thinned(points, 0, 10_000, 100);
  expect(run.length).toBeLessThanOrEqual(404);
  expect(Math.max(...run.map((point) => point.value))).toBe(100);
  expect(Math.min(...run.map((point) => point.value))).toBe(-100);
  expect(run.every((point, index) => index === 0 || point.x >= (run[index - 1]?.x ?? 0))).toBe(true);
});

test("what is out of the window is left out", () => {
  expect(thinned([{ time: -50, value: 1 }], 0, 10, 100)).toEqual([]);
  expect(thinned([], 0, 10, 100)).toEqual([]);
});

test("the value at a time is that of the nearest point, or none", () => {
  const points = [
    { time: 10, value: 1 },
    { time: 20, value: 2 },
    { time: 30, value: null },
  ];
  expect(valueAt(points, 13, 5)).toBe(1);
  expect(valueAt(points, 17, 5)).toBe(2);
  expect(valueAt(points, 29, 5)).toBeNull();
  expect(valueAt(points, 60, 5)).toBeNull();
  expect(valueAt([], 1, 5)).toBeNull();
});
