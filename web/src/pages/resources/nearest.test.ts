import { expect, test } from "vitest";
import { distance, nearest } from "./nearest";

test("letters that differ are counted", () => {
  expect([distance("pg", "pgg"), distance("worker", "wroker"), distance("", "abc")]).toEqual([1, 2, 3]);
});

test("the name that is meant is near, or there is none", () => {
  expect(nearest("pgg", ["web", "pg", "api"])).toBe("pg");
  expect(nearest("Worke", ["web", "worker"])).toBe("worker");
  expect(nearest("billing", ["web", "pg"])).toBeUndefined();
});
