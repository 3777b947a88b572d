import { expect, test } from "vitest";
import { snapshotOf } from "../../testing/snapshots";
import { isCalm, stateLook } from "./stateLook";

test.each([
  [{ state: "Running", health: "Healthy" }, "ok ok Running"],
  [{ state: "Running", health: null }, "ok ok Running"],
  [{ state: "Running", health: "Unhealthy" }, "warn warn Unhealthy"],
  [{ state: "Running", health: "Degraded" }, "warn warn Degraded"],
  [{ state: "Waiting" }, "wait wait Waiting"],
  [{ state: "Starting" }, "busy busy Starting"],
  [{ state: "Building" }, "busy busy Building"],
  [{ state: "Stopping" }, "busy busy Stopping"],
  [{ state: "Finished", exit_code: 0 }, "done idle Finished"],
  [{ state: "Exited", exit_code: 143, stop_requested: true }, "stopped idle Exited"],
  [{ state: "Exited", exit_code: 0 }, "stopped idle Exited"],
  [{ state: "Exited", exit_code: 137 }, "bad bad Exited 137"],
  [{ state: "FailedToStart" }, "bad bad Failed to start"],
  [{ state: "RuntimeUnhealthy" }, "bad bad Engine down"],
  [{ state: "ValueMissing" }, "missing warn No value"],
  [{ state: "NotStarted" }, "idle idle Not started"],
  [{ state: "Active" }, "active idle Active"],
] as const)("%o looks as the design says", (fields, expected) => {
  const { shape, tone, word } = stateLook(snapshotOf({ id: "x", ...fields }));
  expect(`${shape} ${tone} ${word}`).toBe(expected);
});

test("a pod's own word takes the place of the state, as what has one is stuck", () => {
  const look = (fields: Parameters<typeof snapshotOf>[0]) => stateLook(snapshotOf(fields));
  expect(look({ id: "p", state: "Starting", word: "ImagePullBackOff" })).toEqual({
    shape: "bad",
    tone: "bad",
    word: "ImagePullBackOff",
  });
  expect(look({ id: "p", state: "Waiting", word: "Unschedulable" }).tone).toBe("wait");
});

test("only what runs, is over or waits to be asked for is calm", () => {
  const calm = (fields: Parameters<typeof snapshotOf>[0]) => isCalm(stateLook(snapshotOf(fields)));
  expect(calm({ id: "x" })).toBe(true);
  expect(calm({ id: "x", state: "NotStarted" })).toBe(true);
  expect(calm({ id: "x", state: "Waiting" })).toBe(false);
  expect(calm({ id: "x", state: "FailedToStart" })).toBe(false);
});
