import { expect, test } from "vitest";
import { steppedIndex } from "./steppedIndex";

test("keys step through a list, and stop at its ends", () => {
  expect(["ArrowDown", "ArrowUp", "Home", "End"].map((key) => steppedIndex(key, 1, 3))).toEqual([2, 0, 0, 2]);
  expect([steppedIndex("ArrowDown", 2, 3), steppedIndex("ArrowUp", 0, 3)]).toEqual([2, 0]);
});

test("a page is as long as the list says, and other keys do not move", () => {
  expect([steppedIndex("PageDown", 1, 30, 10), steppedIndex("PageDown", 25, 30, 10)]).toEqual([11, 29]);
  expect([steppedIndex("PageUp", 15, 30, 10), steppedIndex("PageUp", 5, 30, 10)]).toEqual([5, 0]);
  expect([steppedIndex("PageDown", 1, 30), steppedIndex("x", 1, 30)]).toEqual([null, null]);
});
