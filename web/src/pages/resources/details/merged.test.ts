import { expect, test } from "vitest";
import type { ResourceEvent } from "../../../api/schema";
import { merged } from "./merged";

const event = (number: number, resource = "api"): ResourceEvent => ({
  number,
  time: number,
  resource,
  kind: "state",
  tone: "ok",
  text: "",
  generation: 1,
});

test("what was asked for and what came meanwhile is shown once, newest first", () => {
  const events = merged([event(1), event(4)], [event(4), event(5, "web"), event(6)], "api");
  expect(events.map((each) => each.number)).toEqual([6, 4, 1]);
});
