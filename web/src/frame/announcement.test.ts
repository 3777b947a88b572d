import { expect, test } from "vitest";
import { announcement } from "./CauseAnnouncer";

test("what came and what is over is told, what stayed is not", () => {
  const before = new Map([
    ["1", "api is unhealthy"],
    ["2", "key has no value"],
  ]);
  const after = new Map([
    ["1", "api is unhealthy"],
    ["3", "pg exited 1"],
  ]);
  expect(announcement(before, after)).toBe("pg exited 1. Over: key has no value.");
  expect(announcement(after, after)).toBe("");
});
