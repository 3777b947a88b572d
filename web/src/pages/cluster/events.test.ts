import { expect, test } from "vitest";
import type { ClusterEvent, WorkloadView } from "../../api/schema";
import { shownEvents } from "./events";

const event = (object: string, namespace: string, warning = false): ClusterEvent => ({
  time: 1,
  warning,
  reason: "Started",
  object,
  namespace,
  message: "",
  count: 1,
});
const EVENTS = [
  event("pod/rates-1", "default", true),
  event("pod/coredns-1", "kube-system"),
  event("node/k8s", ""),
];
const own: WorkloadView = {
  id: "rates",
  name: "rates",
  namespace: "default",
  kind: "Deployment",
  owner: "rates",
  mine: true,
  ready: 0,
  wanted: 1,
  pods: [],
};
const ALL = { text: "", namespace: "", mine: false, pod: "" };
const shown = (filter: Partial<typeof ALL>, warnings = false) =>
  shownEvents({ events: EVENTS, workloads: [own] }, { ...ALL, ...filter }, warnings).map(
    ({ object }) => object,
  );

test("events follow the filter", () => {
  expect(shown({})).toHaveLength(3);
  expect(shown({ mine: true })).toEqual(["pod/rates-1", "node/k8s"]);
  expect(shown({ namespace: "kube-system" })).toEqual(["pod/coredns-1"]);
  expect(shown({ pod: "rates-1" })).toEqual(["pod/rates-1"]);
  expect(shown({}, true)).toEqual(["pod/rates-1"]);
  expect(shownEvents(null, ALL, false)).toEqual([]);
});
