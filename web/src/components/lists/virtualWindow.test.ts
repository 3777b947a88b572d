import { expect, test } from "vitest";
import { anchoredScroll, rowWindow } from "./virtualWindow";

test("the rows in view are drawn, and some beyond the edges", () => {
  expect(rowWindow(0, 320, 32, 1000)).toEqual({ first: 0, end: 18 });
  expect(rowWindow(3200, 320, 32, 1000)).toEqual({ first: 92, end: 118 });
  expect(rowWindow(31680, 320, 32, 1000)).toEqual({ first: 982, end: 1000 });
});

test("a list that became shorter than where it was scrolled to draws its end", () => {
  expect(rowWindow(3200, 320, 32, 3)).toEqual({ first: 2, end: 3 });
  expect(rowWindow(0, 320, 32, 0)).toEqual({ first: 0, end: 0 });
});

test("the row that was read stays where it was", () => {
  expect(anchoredScroll(["new", "a", "b"], "a", 5, 32)).toBe(37);
  expect(anchoredScroll(["b"], "a", 5, 32)).toBeUndefined();
});
