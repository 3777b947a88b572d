import { expect, test } from "vitest";
import type { ResourceEvent } from "../../../api/schema";
import { troubleAt } from "./healthAt";

function event(time: number, fields: Partial<ResourceEvent>): ResourceEvent {
  return {
    number: time,
    time,
    resource: "api",
    kind: "state",
    tone: "ok",
    text: "",
    generation: 1,
    ...fields,
  };
}

const EVENTS = [
  event(1, { text: "Running" }),
  event(5, { kind: "health", tone: "warn", text: "unhealthy" }),
  event(6, { kind: "command", text: "restart" }),
  event(9, { kind: "health", tone: "ok", text: "healthy" }),
];

test("what was wrong at a time is the last bad news before it", () => {
  expect(troubleAt(EVENTS, 7)?.text).toBe("unhealthy");
});

test("nothing was wrong before it, and nothing is once it is over", () => {
  expect(troubleAt(EVENTS, 3)).toBeNull();
  expect(troubleAt(EVENTS, 20)).toBeNull();
  expect(troubleAt([], 20)).toBeNull();
});
