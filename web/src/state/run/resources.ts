import { computed } from "@preact/signals";
import type { Snapshot } from "../../api/schema";
import { ResourceStore } from "./resourceStore";

/** The resources of the run. */
export const resources = new ResourceStore();

/** The resources below each, by the id of their parent; those at the top below the empty id. */
export const childrenOf = computed((): ReadonlyMap<string, readonly string[]> => {
  const all = resources.all();
  const ids = new Set(all.map((each) => each.id));
  const children = new Map<string, string[]>();
  for (const each of all) {
    const parent = each.parent !== null && ids.has(each.parent) ? each.parent : "";
    const siblings = children.get(parent);
    if (siblings) siblings.push(each.id);
    else children.set(parent, [each.id]);
  }
  return children;
});

/** The resource that an address names: by id, or by a name in any case. */
export function findResource(name: string): Snapshot | undefined {
  const exact = resources.get(name);
  if (exact) return exact;
  const lower = name.toLowerCase();
  return resources.all().find((each) => each.name.toLowerCase() === lower);
}

/** What a resource is called; one that is not of this run, such as of an imported trace, by its id. */
export function resourceName(id: string): string {
  return resources.get(id)?.name ?? id;
}
