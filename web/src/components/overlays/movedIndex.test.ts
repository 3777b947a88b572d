import { expect, test } from "vitest";
import { movedIndex } from "./movedIndex";

test("arrows go round, Home and End to the ends, other keys nowhere", () => {
  expect(movedIndex("ArrowDown", -1, 3)).toBe(0);
  expect(movedIndex("ArrowDown", 2, 3)).toBe(0);
  expect(movedIndex("ArrowUp", 0, 3)).toBe(2);
  expect(movedIndex("ArrowUp", 2, 3)).toBe(1);
  expect(movedIndex("Home", 2, 3)).toBe(0);
  expect(movedIndex("End", 0, 3)).toBe(2);
  expect(movedIndex("a", 0, 3)).toBeUndefined();
  expect(movedIndex("ArrowDown", -1, 0)).toBeUndefined();
});
