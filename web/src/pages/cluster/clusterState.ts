import { computed, effect, signal } from "@preact/signals";
import { addressOf } from "../../api/client";
import type { Problem } from "../../api/problem";
import type { ClusterDocument, Snapshot } from "../../api/schema";
import { openStream } from "../../api/stream";
import { writeAddress } from "../../state/place/address";
import { queryValue, route } from "../../state/place/route";
import { childrenOf, findResource, resources } from "../../state/run/resources";
import { type ClusterFilter, clusterRows } from "./rows";

/** The cluster that the address names; undefined where it names none. */
export const cluster = computed((): Snapshot | undefined => {
  const name = route.value.segments[0];
  return name === undefined ? undefined : findResource(name);
});

/** The cluster's own name in requests; empty where there is none. */
export const clusterId = computed(() => cluster.value?.id ?? "");

/** What the host tells of the cluster; null until it does. */
export const clusterDocument = signal<ClusterDocument | null>(null);
/** Why nothing is told; null when it is. */
export const clusterProblem = signal<Problem | null>(null);

/** Whether the cluster runs: the host tells nothing of one that is down. */
const clusterIsUp = computed(() => cluster.value?.state === "Running");

/** Follow the cluster of the address until the returned function is called. */
export function followCluster(): () => void {
  let shown = "";
  return effect(() => {
    const name = clusterId.value;
    const isUp = clusterIsUp.value;
    if (name !== shown) clusterDocument.value = null;
    shown = name;
    clusterProblem.value = null;
    if (!isUp) return;
    const stream = openStream<ClusterDocument>({
      address: () => addressOf("GET /api/clusters/{name}", { path: { name }, query: { follow: "1" } }),
      records(batch) {
        clusterDocument.value = batch.at(-1) ?? null;
      },
      refused(problem) {
        clusterProblem.value = problem;
      },
    });
    return () => stream.close();
  });
}

/** What is shown of the cluster. */
export const filter = computed(
  (): ClusterFilter => ({
    text: queryValue("q"),
    namespace: queryValue("ns"),
    mine: queryValue("mine") !== "",
    pod: queryValue("pod"),
  }),
);

/** What was folded and unfolded by hand. */
export const folds = signal<ReadonlyMap<string, boolean>>(new Map());

/** Unfold or fold a workload. */
export function setOpen(id: string, open: boolean): void {
  folds.value = new Map(folds.peek()).set(id, open);
}

/** The rows of the table. */
export const rows = computed(() =>
  clusterDocument.value ? clusterRows(clusterDocument.value, filter.value, folds.value) : [],
);

/** The row that was used last. */
export const activeKey = signal<string | null>(null);

/** The row that the Tab key leads to. */
export const tabStop = computed(() => {
  const keys = rows.value.map(({ key }) => key);
  const active = activeKey.value;
  return active !== null && keys.includes(active) ? active : (keys[0] ?? null);
});

/** The declared resources right below the cluster, such as its releases. */
export const parts = computed((): readonly Snapshot[] =>
  (childrenOf.value.get(clusterId.value) ?? []).flatMap((id) => {
    const resource = resources.get(id);
    return resource?.origin === "declared" ? [resource] : [];
  }),
);

/** The details of a resource, on the page of resources. */
export function detailsAddress(id: string): string {
  return writeAddress("resources", [id]);
}
