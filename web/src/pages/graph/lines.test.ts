import { expect, test } from "vitest";
import type { ModelLink, WaitView } from "../../api/schema";
import { snapshotOf } from "../../testing/snapshots";
import { type GraphLine, graphLines, type LineGroup, lineState, lineWords, shownState } from "./lines";

function link(fields: Partial<ModelLink> & { provider: string; consumer: string }): ModelLink {
  return { waits: [], reference: false, values: false, file: "apphost.py", line: 1, ...fields };
}

const wait = (resource: string, satisfied: boolean): WaitView => ({
  resource,
  condition: "healthy",
  satisfied,
  since: 1,
  why_not: "",
  took: null,
});

test("each pair has one line; who only belongs to another has one too", () => {
  const resources = [
    { id: "pg", name: "pg", parent: null },
    { id: "orders", name: "orders", parent: "pg" },
    { id: "api-1", name: "api", parent: null },
  ];
  const links = [
    link({ provider: "orders", consumer: "api", waits: ["ready"], reference: true, values: true }),
    link({ provider: "gone", consumer: "api" }),
  ];
  expect(graphLines({ links }, resources).map(({ from, to, own }) => [from, to, own])).toEqual([
    ["orders", "api-1", false],
    ["pg", "orders", true],
  ]);
});

const waited: GraphLine = {
  from: "pg",
  to: "api",
  link: link({ provider: "pg", consumer: "api", waits: ["ready"], reference: true, values: true }),
  own: false,
};
const given: GraphLine = {
  from: "pg",
  to: "api",
  link: link({ provider: "pg", consumer: "api", values: true }),
  own: false,
};
const owned: GraphLine = { from: "pg", to: "api", link: null, own: true };

test("a line is open only while its consumer waits", () => {
  const state = (
    satisfied: boolean,
    api: "Waiting" | "Running" | "NotStarted",
    waits = [wait("pg", satisfied)],
  ) => lineState(waited, "pg", snapshotOf({ id: "api", state: api, waits }));
  expect(state(false, "Waiting")).toBe("open");
  expect(state(true, "Waiting")).toBe("over");
  expect(state(true, "Running")).toBe("over");
  expect(state(false, "NotStarted", [])).toBe("later");
  expect(lineState(given, "pg", snapshotOf({ id: "api" }))).toBe("values");
  expect(lineState(owned, "pg", snapshotOf({ id: "api" }))).toBe("own");
});

test("a child that waits for its parent has an open line, though the definition says no wait", () => {
  const child = snapshotOf({ id: "api", state: "Waiting", waits: [wait("pg", false)] });
  expect(lineState(owned, "pg", child)).toBe("open");
});

test("a line whose waits are hidden is shown for its values, and hidden without any", () => {
  const shown = (line: GraphLine, ...groups: LineGroup[]) => shownState(line, "over", new Set(groups));
  expect(shown(waited, "waits")).toBe("over");
  expect(shown(waited, "references")).toBe("values");
  expect(shown(waited, "parents")).toBeNull();
  expect(shownState(owned, "own", new Set(["parents"]))).toBe("own");
  expect(shownState(owned, "own", new Set(["waits"]))).toBeNull();
});

test("the kind of a line is told in words", () => {
  expect([waited, given, owned].map(lineWords)).toEqual(["Reference and wait", "Values", "Parent"]);
});
