import { expect, test } from "vitest";
import type { PodView, WorkloadView } from "../../api/schema";
import { type ClusterFilter, clusterRows, parentRow, totals } from "./rows";

const pod = (name: string, healthy = true): PodView => ({
  id: `k8s/pod/default/${name}`,
  name,
  namespace: "default",
  state: healthy ? "Running" : "ImagePullBackOff",
  healthy,
  ready: healthy ? 1 : 0,
  containers: 1,
  restarts: 0,
  node: "k8s",
  started_at: 1,
});

const workload = (name: string, pods: PodView[], fields: Partial<WorkloadView> = {}): WorkloadView => ({
  id: name,
  name,
  namespace: "default",
  kind: "Deployment",
  owner: name,
  mine: true,
  ready: pods.filter((each) => each.healthy).length,
  wanted: pods.length,
  pods,
  ...fields,
});

const WORKLOADS = [
  workload("rates", [pod("rates-1", false)]),
  workload("board", [pod("board-1"), pod("board-2")], { namespace: "harbour" }),
  workload("coredns", [pod("coredns-1")], { namespace: "kube-system", mine: false, owner: null }),
  workload("idle", []),
];

const ALL: ClusterFilter = { text: "", namespace: "", mine: false, pod: "" };

function shown(filter: Partial<ClusterFilter> = {}, folds: Record<string, boolean> = {}, all = WORKLOADS) {
  const rows = clusterRows({ workloads: all }, { ...ALL, ...filter }, new Map(Object.entries(folds)));
  return rows.map((row) => (row.kind === "pod" ? row.pod.name : `${row.workload.name} ${row.fold}`));
}

test("trouble and what the app made are unfolded, k3s's own is not", () => {
  expect(shown()).toEqual([
    "rates open",
    "rates-1",
    "board open",
    "board-1",
    "board-2",
    "coredns folded",
    "idle none",
  ]);
});

test("many calm pods stay folded, and hands win over habits", () => {
  const many = [
    ...WORKLOADS,
    workload(
      "web",
      Array.from({ length: 9 }, (_, index) => pod(`web-${index}`)),
    ),
  ];
  expect(shown({}, {}, many)).toContain("board folded");
  expect(shown({}, {}, many)).toContain("rates open");
  expect(shown({}, { rates: false, coredns: true })).toEqual([
    "rates folded",
    "board open",
    "board-1",
    "board-2",
    "coredns open",
    "coredns-1",
    "idle none",
  ]);
});

test("a filter keeps workloads that match, or those of their pods that do", () => {
  expect(shown({ text: "coredns-1" })).toEqual(["coredns open", "coredns-1"]);
  expect(shown({ text: "board-2" })).toEqual(["board open", "board-2"]);
  expect(shown({ text: "imagepull" })).toEqual(["rates open", "rates-1"]);
  expect(shown({ text: "nothing" })).toEqual([]);
  expect(shown({ namespace: "harbour" })).toEqual(["board open", "board-1", "board-2"]);
  expect(shown({ pod: "coredns-1" })).toContain("coredns open");
  expect(shown({ mine: true }).join()).not.toContain("coredns");
});

test("a pod's row belongs to its workload", () => {
  const rows = clusterRows({ workloads: WORKLOADS }, ALL, new Map());
  expect(parentRow(rows, 4)).toBe(2);
  expect(parentRow(rows, 2)).toBe(2);
});

test("the totals count what is not ready", () => {
  expect(totals({ workloads: WORKLOADS })).toEqual({ workloads: 4, pods: 4, troubled: 1 });
});
