import { expect, test } from "vitest";
import { snapshotOf } from "../../testing/snapshots";
import { type Filter, matches, readStateFilter, stateCounts } from "./filter";

const ALL: Filter = { text: "", state: "all", types: [] };
const none = new Set<string>();

test("each word has to be in the name, the kind or the state", () => {
  const resource = snapshotOf({ id: "api", type: "Uvicorn app", health: "Unhealthy" });
  const shown = (text: string) => matches(resource, { ...ALL, text }, none);
  expect([shown("API uvicorn"), shown("unhealthy"), shown("api redis")]).toEqual([true, true, false]);
});

test("the state filter counts what it shows", () => {
  const all = [
    snapshotOf({ id: "a" }),
    snapshotOf({ id: "b", health: "Unhealthy" }),
    snapshotOf({ id: "c", state: "Waiting" }),
    snapshotOf({ id: "d", state: "Finished" }),
  ];
  expect(stateCounts(all, [])).toEqual({ all: 4, needs: 0, waiting: 1, running: 1, done: 1 });
  const shown = (state: Filter["state"], causes = none) =>
    all.filter((each) => matches(each, { ...ALL, state }, causes)).map((each) => each.id);
  expect([shown("running"), shown("waiting"), shown("needs", new Set(["d"]))]).toEqual([["a"], ["c"], ["d"]]);
});

test("an address with a state that does not exist shows all", () => {
  expect([readStateFilter("needs"), readStateFilter("x"), readStateFilter(null)]).toEqual([
    "needs",
    "all",
    "all",
  ]);
});
