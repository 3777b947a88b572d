import { expect, test } from "vitest";
import { scopeRows, toggled } from "./scopeRows";

const ALL = [
  { id: "api", name: "api", parent: null },
  { id: "api-1", name: "api-1", parent: "api" },
  { id: "web", name: "web", parent: null },
  { id: "k8s/Pod/a/b", name: "rates", parent: "k8s" },
];

test("without a choice all are in view, those below others behind them", () => {
  expect(scopeRows(ALL, [], "").map((row) => `${row.level} ${row.name} ${row.tick}`)).toEqual([
    "0 api on",
    "1 api-1 on",
    "0 web on",
    "0 rates on",
  ]);
});

test("one of which only a child is in view is mixed", () => {
  expect(scopeRows(ALL, ["api-1"], "").map((row) => row.tick)).toEqual(["mixed", "on", "off", "off"]);
});

test("a filter keeps what holds a match", () => {
  expect(scopeRows(ALL, [], "api-1").map((row) => row.name)).toEqual(["api", "api-1"]);
  expect(scopeRows(ALL, [], "nothing")).toEqual([]);
});

test("unticking begins with all, and ticking the last means all again", () => {
  const ids = ["api", "web", "pg"];
  expect(toggled(ids, [], "web", "-")).toEqual(["api", "pg"]);
  expect(toggled(ids, ["pg", "api"], "web", "-")).toEqual([]);
  expect(toggled(ids, ["pg"], "api", "-")).toEqual(["api", "pg"]);
});

test("unticking the last leaves nothing, until one is ticked again", () => {
  const ids = ["api", "web"];
  expect(toggled(ids, ["web"], "web", "-")).toEqual(["-"]);
  expect(toggled(ids, ["-"], "api", "-")).toEqual(["api"]);
  expect(scopeRows(ALL, ["-"], "").map((row) => row.tick)).toEqual(["off", "off", "off", "off"]);
});
