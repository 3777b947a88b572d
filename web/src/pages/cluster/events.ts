import type { ClusterDocument, ClusterEvent } from "../../api/schema";
import type { ClusterFilter } from "./rows";

/** The events that are shown: of one pod if one is selected, else of what the filter lets through. */
export function shownEvents(
  document: Pick<ClusterDocument, "events" | "workloads"> | null,
  { namespace, mine, pod }: ClusterFilter,
  onlyWarnings: boolean,
): readonly ClusterEvent[] {
  if (document === null) return [];
  const own = new Set(document.workloads.filter((each) => each.mine).map((each) => each.namespace));
  return document.events.filter(
    (event) =>
      (!onlyWarnings || event.warning) &&
      (pod === "" || event.object.endsWith(`/${pod}`)) &&
      (namespace === "" || event.namespace === namespace) &&
      (!mine || event.namespace === "" || own.has(event.namespace)),
  );
}
