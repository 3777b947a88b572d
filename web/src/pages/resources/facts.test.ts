import { expect, test } from "vitest";
import { snapshotOf } from "../../testing/snapshots";
import { ageOf, isLink, mainCommand, reasonOf, shortImage, shortUrl } from "./facts";

test("an image is shown without the registry it has by default and without its digest", () => {
  expect(shortImage("docker.io/library/redis:7@sha256:0123456789abcdef")).toBe("redis:7");
  expect(shortImage("quay.io/a/b:1")).toBe("quay.io/a/b:1");
});

test("the age is that of running, of the state that passes, or of the whole run", () => {
  expect(ageOf(snapshotOf({ id: "a", started_at: 40 }), 100)).toBe(60);
  expect(ageOf(snapshotOf({ id: "a", state: "Finished", started_at: 40, stopped_at: 43 }), 100)).toBe(3);
  expect(ageOf(snapshotOf({ id: "a", state: "Waiting", state_since: 70 }), 100)).toBe(30);
  expect(ageOf(snapshotOf({ id: "a", state: "Exited", started_at: 40, stopped_at: 90 }), 100)).toBe(10);
  expect(ageOf(snapshotOf({ id: "a", state: "NotStarted", started_at: null }), 100)).toBeNull();
});

test("only what a browser opens is a link", () => {
  expect([isLink("http://a"), isLink("tcp://a:1"), isLink("javascript:alert(1)")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(shortUrl("https://localhost:6443/")).toBe("localhost:6443");
});

test("what runs is restarted, what is down is started, what has no process is neither", () => {
  const commands = ["start", "stop", "restart"].map((name) => ({
    name,
    display: name,
    confirm: null,
    inputs: [],
    enabled: true,
    why_not: "",
    effects: [],
    loses_data: false,
    running_since: null,
  }));
  expect(mainCommand(snapshotOf({ id: "a", commands }))).toBe("restart");
  expect(mainCommand(snapshotOf({ id: "a", commands, state: "Exited" }))).toBe("start");
  expect(mainCommand(snapshotOf({ id: "a", commands, state: "Active" }))).toBeNull();
});

test("a row does not say twice how it ended", () => {
  expect(reasonOf(snapshotOf({ id: "a", exit_code: 137, summary: "exit code 137" }))).toBe("");
  expect(reasonOf(snapshotOf({ id: "a", exit_code: 137, summary: "out of memory" }))).toBe("out of memory");
});
