import type { ClusterDocument, PodView, WorkloadView } from "../../api/schema";

/** What is shown of a cluster. */
export interface ClusterFilter {
  /** What is typed: a part of a name, of a namespace, of a kind or of a state. */
  text: string;
  /** The one namespace that is shown; empty for all. */
  namespace: string;
  /** Whether k3s's own objects are left out. */
  mine: boolean;
  /** The pod that is selected, whose workload is unfolded; empty where none is. */
  pod: string;
}

/** A row of the table of workloads. */
export type ClusterRow =
  | { kind: "workload"; key: string; workload: WorkloadView; fold: "open" | "folded" | "none" }
  | { kind: "pod"; key: string; pod: PodView; workload: WorkloadView };

/** Up to so many pods of the app are shown unfolded. */
const FEW = 8;

/** Whether a workload has not all the pods that it is to have, or one of them is not well. */
export function isTroubled({ ready, wanted, pods }: WorkloadView): boolean {
  return ready < wanted || pods.some((pod) => !pod.healthy);
}

function contains(parts: readonly (string | null)[], text: string): boolean {
  return parts.some((part) => part?.toLowerCase().includes(text));
}

function matchesPod(pod: PodView, text: string): boolean {
  return contains([pod.name, pod.state, pod.node], text);
}

function matchesWorkload(workload: WorkloadView, text: string): boolean {
  return contains([workload.name, workload.namespace, workload.kind, workload.owner], text);
}

function holds({ pods }: WorkloadView, pod: string): boolean {
  return pod !== "" && pods.some(({ name }) => name === pod);
}

/** The rows: workloads in their order, with the pods of those that are unfolded. Trouble unfolds itself, and so does what
 * the app made as long as it is little.
 * @param folds What was unfolded or folded by hand, by the ids of the workloads. */
export function clusterRows(
  { workloads }: Pick<ClusterDocument, "workloads">,
  filter: ClusterFilter,
  folds: ReadonlyMap<string, boolean>,
): readonly ClusterRow[] {
  const text = filter.text.trim().toLowerCase();
  const own = workloads.filter(({ mine }) => mine).reduce((count, { pods }) => count + pods.length, 0);
  return workloads.flatMap((workload) => {
    if (filter.mine && !workload.mine) return [];
    if (filter.namespace !== "" && workload.namespace !== filter.namespace) return [];
    const whole = text === "" || matchesWorkload(workload, text);
    const pods = whole ? workload.pods : workload.pods.filter((pod) => matchesPod(pod, text));
    if (!whole && pods.length === 0) return [];
    const usual =
      isTroubled(workload) || (workload.mine && own <= FEW) || !whole || holds(workload, filter.pod);
    const isOpen = folds.get(workload.id) ?? usual;
    const fold = pods.length === 0 ? "none" : isOpen ? "open" : "folded";
    return [
      { kind: "workload", key: workload.id, workload, fold } as const,
      ...(fold === "open" ? pods.map((pod) => ({ kind: "pod", key: pod.id, pod, workload }) as const) : []),
    ];
  });
}

/** The row above that a row belongs to; its own index for a workload. */
export function parentRow(rows: readonly ClusterRow[], index: number): number {
  for (let at = index; at >= 0; at -= 1) if (rows[at]?.kind === "workload") return at;
  return index;
}

/** How many workloads and pods there are, and how many pods are not ready. */
export function totals({ workloads }: Pick<ClusterDocument, "workloads">): {
  workloads: number;
  pods: number;
  troubled: number;
} {
  const pods = workloads.flatMap((workload) => workload.pods);
  return {
    workloads: workloads.length,
    pods: pods.length,
    troubled: pods.filter((pod) => !pod.healthy).length,
  };
}
