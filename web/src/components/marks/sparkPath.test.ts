import { expect, test } from "vitest";
import { sparkPath } from "./sparkPath";

test("the line goes from edge to edge, the greatest value at the top", () => {
  expect(sparkPath([0, 5, 10], 56, 18)).toBe("M0.0 16.5L28.0 9.0L56.0 1.5");
});

test("values of nothing lie at the bottom, and one value is no line", () => {
  expect(sparkPath([0, 0], 10, 10)).toBe("M0.0 8.5L10.0 8.5");
  expect(sparkPath([3], 10, 10)).toBe("");
});

test("few values stand at the right", () => {
  expect(sparkPath([1, 1], 60, 10, 0, 4)).toBe("M40.0 1.5L60.0 1.5");
});
