import type { Look } from "../../components/marks/stateLook";
import { stateLook } from "../../components/marks/stateLook";
import type { TreeNode } from "./tree";

/** Rows from which on resources are grouped and only those in view are drawn. */
export const MANY = 100;

/** Resources whose names begin alike. */
export interface NodeGroup {
  /** What their names begin with; empty for those that share their beginning with no other. */
  name: string;
  nodes: readonly TreeNode[];
}

/** How many of a group look the same. */
export interface SummaryEntry {
  look: Look;
  count: number;
}

/** The first part of a name. */
export function firstPart(name: string): string {
  return name.split(/[-_./]/, 1)[0] ?? name;
}

/** Group the resources at the top by the first part of their names, in the order in which the groups begin. One that is
 * alone is no group. */
export function grouped(nodes: readonly TreeNode[]): readonly NodeGroup[] {
  const groups = new Map<string, TreeNode[]>();
  for (const node of nodes) {
    const part = firstPart(node.resource.name);
    const group = groups.get(part);
    if (group) group.push(node);
    else groups.set(part, [node]);
  }
  return [...groups].map(([name, members]) => ({ name: members.length > 1 ? name : "", nodes: members }));
}

/** How the members of a group look, the calm ones first. */
export function summary(nodes: readonly TreeNode[]): readonly SummaryEntry[] {
  const entries = new Map<string, { look: Look; count: number }>();
  for (const { resource } of nodes) {
    const look = stateLook(resource);
    const word = look.word.split(" ")[0] ?? look.word;
    const entry = entries.get(word);
    if (entry) entry.count += 1;
    else entries.set(word, { look: { ...look, word: word.toLowerCase() }, count: 1 });
  }
  const order = ["ok", "idle", "bad", "warn", "wait", "busy"];
  return [...entries.values()].sort((a, b) => order.indexOf(a.look.tone) - order.indexOf(b.look.tone));
}
