import type { Snapshot } from "../../api/schema";
import { type Filter, isActive, matches } from "./filter";
import { type Branch, type FoldChoices, isFolded } from "./folds";
import { grouped, MANY, type NodeGroup, type SummaryEntry, summary } from "./groups";
import { buildTree, pruned, sizeOf, type TreeNode } from "./tree";

/** Whether there is something below a row, and whether it is shown. */
export type Fold = "none" | "open" | "folded";

/** A row of the table. */
export type TableRow =
  | { kind: "resource"; key: string; level: number; fold: Fold; id: string }
  | { kind: "replica"; key: string; level: number; fold: "none"; id: string }
  | {
      kind: "group";
      key: string;
      level: 0;
      fold: Fold;
      name: string;
      /** The ids of the resources in it. */
      ids: readonly string[];
      summary: readonly SummaryEntry[];
    }
  | { kind: "rest"; key: string; level: 1; fold: Fold; count: number };

/** What the table is made of. */
export interface TableInput {
  resources: readonly Snapshot[];
  /** The ids of the resources that have a cause. */
  causes: ReadonlySet<string>;
  choices: FoldChoices;
  filter: Filter;
  /** Whether more than a hundred are grouped by the first part of their names. */
  grouping: boolean;
}

/** The table: its rows, and the branches behind them. */
export interface Table {
  rows: readonly TableRow[];
  branches: readonly Branch[];
}

/** Up to so many rows a tree of declared resources is open, as it can be seen at a glance. */
const GLANCE = 40;

/** Make the table. */
export function buildTable({ resources, causes, choices, filter, grouping }: TableInput): Table {
  const tree = buildTree(resources, causes);
  if (isActive(filter)) {
    const kept = pruned(tree, (resource) => matches(resource, filter, causes));
    return { rows: new RowWriter(choices, true, true).tree(kept), branches: [] };
  }
  const writer = new RowWriter(choices, sizeOf(tree) <= GLANCE, false);
  if (!grouping || resources.length <= MANY) return { rows: writer.tree(tree), branches: writer.branches };
  return { rows: grouped(tree).flatMap((group) => writer.group(group)), branches: writer.branches };
}

class RowWriter {
  readonly branches: Branch[] = [];
  readonly #choices: FoldChoices;
  readonly #small: boolean;
  readonly #allOpen: boolean;

  constructor(choices: FoldChoices, small: boolean, allOpen: boolean) {
    this.#choices = choices;
    this.#small = small;
    this.#allOpen = allOpen;
  }

  tree(nodes: readonly TreeNode[], level = 0): TableRow[] {
    return nodes.flatMap((node) => this.#node(node, level));
  }

  /** The row of a group; below it in a calm one all, in a troubled one what is not calm, and the rest folded. */
  group({ name, nodes }: NodeGroup): TableRow[] {
    if (name === "") return this.tree(nodes);
    const key = `group ${name}`;
    const restless = nodes.filter((node) => !node.calm);
    const branch = { key, troubled: restless.length > 0, openByDefault: false };
    const fold = this.#fold(branch);
    const row: TableRow = {
      kind: "group",
      key,
      level: 0,
      fold,
      name,
      ids: nodes.map((node) => node.resource.id),
      summary: summary(nodes),
    };
    if (fold === "folded") return [row];
    const calm = nodes.filter((node) => node.calm);
    if (restless.length === 0) return [row, ...this.tree(calm, 1)];
    return [row, ...this.tree(restless, 1), ...this.#rest(name, calm)];
  }

  #rest(name: string, calm: readonly TreeNode[]): TableRow[] {
    if (calm.length === 0) return [];
    const key = `rest ${name}`;
    const fold = this.#fold({ key, troubled: false, openByDefault: false });
    const row: TableRow = { kind: "rest", key, level: 1, fold, count: calm.length };
    return fold === "folded" ? [row] : [row, ...this.tree(calm, 2)];
  }

  #node(node: TreeNode, level: number): TableRow[] {
    const { resource, children } = node;
    const { id } = resource;
    const replicas = resource.replicas.length > 1 ? resource.replicas : [];
    if (children.length === 0 && (replicas.length === 0 || this.#allOpen))
      return [{ kind: "resource", key: id, id, level, fold: "none" }];
    const isDeclared = replicas.length > 0 || children.some((child) => child.resource.origin === "declared");
    const fold = this.#fold({ key: id, troubled: node.troubled, openByDefault: this.#small && isDeclared });
    const row: TableRow = { kind: "resource", key: id, id, level, fold };
    if (fold === "folded") return [row];
    const parts = replicas.map(
      (replica): TableRow => ({
        kind: "replica",
        key: replica.id,
        id: replica.id,
        level: level + 1,
        fold: "none",
      }),
    );
    return [row, ...parts, ...this.tree(children, level + 1)];
  }

  #fold(branch: Branch): Fold {
    this.branches.push(branch);
    return !this.#allOpen && isFolded(branch, this.#choices) ? "folded" : "open";
  }
}

function sameRow(a: TableRow, b: TableRow | undefined): boolean {
  if (b === undefined || a.key !== b.key || a.level !== b.level || a.fold !== b.fold) return false;
  return (
    a.kind !== "group" || b.kind !== "group" || (sameIds(a.ids, b.ids) && sameSummary(a.summary, b.summary))
  );
}

function sameIds(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((id, index) => id === b[index]);
}

function sameSummary(a: readonly SummaryEntry[], b: readonly SummaryEntry[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ look, count }, index) => look.word === b[index]?.look.word && count === b[index]?.count)
  );
}

/** Whether two tables have the same rows, so that nothing has to be drawn anew. */
export function sameRows(a: readonly TableRow[], b: readonly TableRow[]): boolean {
  return a.length === b.length && a.every((row, index) => sameRow(row, b[index]));
}
