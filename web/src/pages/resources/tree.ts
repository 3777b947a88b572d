import type { Snapshot } from "../../api/schema";
import { isCalm, isTrouble, stateLook } from "../../components/marks/stateLook";
import { replicaSnapshot } from "../../state/run/replicas";

/** A resource with those below it. */
export interface TreeNode {
  resource: Snapshot;
  children: readonly TreeNode[];
  /** Whether nothing about it or below it calls for attention. */
  calm: boolean;
  /** Whether it or something below it is in trouble. */
  troubled: boolean;
}

/** The resources as a tree, in their order; one whose parent is gone stands at the top.
 * @param causes The ids of the resources that have a cause. */
export function buildTree(all: readonly Snapshot[], causes: ReadonlySet<string>): readonly TreeNode[] {
  const ids = new Set(all.map((each) => each.id));
  const below = new Map<string, Snapshot[]>();
  for (const each of all) {
    const parent = each.parent !== null && ids.has(each.parent) ? each.parent : "";
    below.set(parent, [...(below.get(parent) ?? []), each]);
  }
  const nodesBelow = (parent: string): readonly TreeNode[] =>
    (below.get(parent) ?? []).map((resource) => nodeOf(resource, nodesBelow(resource.id), causes));
  return nodesBelow("");
}

function nodeOf(resource: Snapshot, children: readonly TreeNode[], causes: ReadonlySet<string>): TreeNode {
  const looks = [
    stateLook(resource),
    ...resource.replicas.map((replica) => stateLook(replicaSnapshot(resource, replica))),
  ];
  const hasCause = causes.has(resource.id);
  return {
    resource,
    children,
    calm: !hasCause && looks.every(isCalm) && children.every((child) => child.calm),
    troubled: hasCause || looks.some(isTrouble) || children.some((child) => child.troubled),
  };
}

/** A tree without what does not match; what holds a match stays. */
export function pruned(
  nodes: readonly TreeNode[],
  matches: (resource: Snapshot) => boolean,
): readonly TreeNode[] {
  return nodes.flatMap((node) => {
    const children = pruned(node.children, matches);
    return children.length > 0 || matches(node.resource) ? [{ ...node, children }] : [];
  });
}

/** How many resources are in a tree. */
export function sizeOf(nodes: readonly TreeNode[]): number {
  return nodes.reduce((sum, node) => sum + 1 + sizeOf(node.children), 0);
}
