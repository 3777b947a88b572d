import type { Snapshot } from "../../api/schema";
import { isNothingInView, scope } from "../../state/place/scope";
import { findResource, resources } from "../../state/run/resources";
import type { Followed } from "./stream/lineFollower";

/** Whether a resource has a log: those of the definition, and pods; what else a cluster tells of writes nothing. */
export function hasLog(resource: Pick<Snapshot, "origin" | "type">): boolean {
  return resource.type !== "Parameter" && (resource.origin === "declared" || resource.type === "Pod");
}

/** The resources whose lines are in view, by their ids. */
export function resourcesInView(): Followed {
  if (isNothingInView()) return { ids: [], areAll: false };
  if (scope.value.length > 0)
    return { ids: scope.value.flatMap((name) => findResource(name)?.id ?? []), areAll: false };
  const all = resources.all();
  const pods = all.filter((each) => each.origin === "observed" && hasLog(each));
  const declared = all.filter((each) => each.origin === "declared");
  // Without names the host tells of those of the definition, and of its own; pods are read only when they are named.
  return { ids: [...declared, ...pods].map((each) => each.id), areAll: pods.length === 0 };
}
