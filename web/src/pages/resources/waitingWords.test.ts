import { expect, test } from "vitest";
import { waitingWords } from "./waitingWords";

test("those who wait are named, and the rest is counted", () => {
  expect(waitingWords([])).toBe("");
  expect(waitingWords(["worker"])).toBe("worker waits for it.");
  expect(waitingWords(["worker", "web"])).toBe("worker and web wait for it.");
  expect(waitingWords(["worker", "web", "a", "b"])).toBe("worker, web and 2 more wait for it.");
});
