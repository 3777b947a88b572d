import { expect, test } from "vitest";
import type { Snapshot } from "../../api/schema";
import { replicaOf, snapshotOf } from "../../testing/snapshots";
import type { Filter } from "./filter";
import { buildTable, sameRows, type TableInput, type TableRow } from "./rows";

const ALL: Filter = { text: "", state: "all", types: [] };

function table(resources: readonly Snapshot[], more: Partial<TableInput> = {}): readonly TableRow[] {
  const input = {
    resources,
    causes: new Set<string>(),
    choices: new Map(),
    filter: ALL,
    grouping: true,
    ...more,
  };
  return buildTable(input).rows;
}

function drawn(rows: readonly TableRow[]): string[] {
  const signs = { none: " ", open: "-", folded: "+" };
  return rows.map((row) => `${"  ".repeat(row.level)}${signs[row.fold]}${row.key}`);
}

const pod = (fields: Partial<Snapshot> = {}) =>
  snapshotOf({ id: "pod", parent: "rates", origin: "observed", owner: "rates", ...fields });

test("a branch with trouble is open down to the pod, a calm one of observed resources is folded", () => {
  const rates = snapshotOf({ id: "rates", parent: "k8s" });
  const k8s = snapshotOf({ id: "k8s" });
  expect(drawn(table([k8s, rates, pod({ state: "FailedToStart", health: null })]))).toEqual([
    "-k8s",
    "  -rates",
    "     pod",
  ]);
  expect(drawn(table([k8s, rates, pod()]))).toEqual(["-k8s", "  +rates"]);
});

test("a cause below opens a branch, too", () => {
  const resources = [snapshotOf({ id: "rates" }), pod()];
  expect(drawn(table(resources, { causes: new Set(["pod"]) }))).toEqual(["-rates", "   pod"]);
});

test("replicas are children", () => {
  const replicas = [replicaOf(0, "worker-1"), replicaOf(1, "worker-2")];
  expect(drawn(table([snapshotOf({ id: "worker", replicas })]))).toEqual([
    "-worker",
    "   worker-1",
    "   worker-2",
  ]);
});

test("one whose parent is gone stands at the top", () => {
  expect(drawn(table([pod()]))).toEqual([" pod"]);
});

test("a filter shows what matches and what holds it, all open", () => {
  const resources = [
    snapshotOf({ id: "k8s" }),
    snapshotOf({ id: "rates", parent: "k8s" }),
    pod(),
    snapshotOf({ id: "web" }),
  ];
  expect(drawn(table(resources, { filter: { ...ALL, text: "pod run" } }))).toEqual([
    "-k8s",
    "  -rates",
    "     pod",
  ]);
  expect(table(resources, { filter: { ...ALL, text: "nothing" } })).toEqual([]);
});

test("more than a hundred are grouped by name: calm groups folded, in others only what is not calm", () => {
  const many = Array.from({ length: 120 }, (_, index) =>
    snapshotOf({
      id: `${["billing", "media"][index % 2]}-${index}`,
      state: index === 6 ? "FailedToStart" : "Running",
    }),
  );
  expect(drawn(table([...many, snapshotOf({ id: "web" })]))).toEqual([
    "-group billing",
    "   billing-6",
    "  +rest billing",
    "+group media",
    " web",
  ]);
  expect(table(many, { grouping: false })).toHaveLength(120);
});

test("a change within a row leaves the table as it is", () => {
  const before = table([snapshotOf({ id: "web", version: 1 })]);
  expect(sameRows(before, table([snapshotOf({ id: "web", state: "Stopping", version: 2 })]))).toBe(true);
  expect(sameRows(before, table([snapshotOf({ id: "api" })]))).toBe(false);
});
