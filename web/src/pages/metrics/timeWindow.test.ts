import { expect, test } from "vitest";
import { readWindow, timeTicks, windowSeconds } from "./timeWindow";

test("a window has its seconds, that of the run as many as it goes on", () => {
  expect(windowSeconds("15m", 10)).toBe(900);
  expect(windowSeconds("run", 1234.5)).toBe(1235);
  expect(windowSeconds("run", 3)).toBe(60);
});

test("an address names its window, or means the shortest that holds its time", () => {
  expect(readWindow("1h", null)).toBe("1h");
  expect(readWindow("", null)).toBe("5m");
  expect(readWindow("ever", 400)).toBe("15m");
  expect(readWindow("", 2000)).toBe("1h");
  expect(readWindow("", 20000)).toBe("run");
});

test("the scale has round times", () => {
  expect(timeTicks(1000, 1300).map(({ time }) => time)).toEqual([1020, 1080, 1140, 1200, 1260]);
  expect(timeTicks(1000, 1060)).toEqual([1005, 1020, 1035, 1050].map((time) => ({ time, precise: true })));
});
