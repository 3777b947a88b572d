import { expect, test } from "vitest";
import { backoff } from "./backoff";

test("tries become rarer, to a limit, and are spread", () => {
  expect([1, 2, 3, 4, 5, 6, 60].map((failures) => backoff(failures, 0))).toEqual([0.5, 1, 2, 4, 8, 15, 15]);
  expect(backoff(1, 1)).toBe(0.25);
});
