import type { LayoutEdge, LayoutNode } from "../pages/graph/layout/types";

/** A graph for tests, written as `a > b, b > c` with parents as `child in parent`; nodes are in order of mention. */
export function graphOf(text: string): { nodes: LayoutNode[]; edges: LayoutEdge[] } {
  const parents = new Map<string, string | null>();
  const edges: LayoutEdge[] = [];
  const mention = (id: string) => {
    if (!parents.has(id)) parents.set(id, null);
  };
  for (const part of text.split(/[,\n]/).map((each) => each.trim())) {
    const [first = "", relation, second = ""] = part.split(" ");
    if (first === "") continue;
    mention(first);
    if (relation === undefined) continue;
    mention(second);
    if (relation === "in") parents.set(first, second);
    else edges.push({ from: first, to: second });
  }
  return { nodes: [...parents].map(([id, parent]) => ({ id, parent })), edges };
}

/** A number between 0 and 1 that is the same in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A graph of so many nodes like that of a large app: several groups, each needing some of what comes before. */
export function largeGraph(count: number): { nodes: LayoutNode[]; edges: LayoutEdge[] } {
  const next = random(7);
  const nodes: LayoutNode[] = [];
  const edges: LayoutEdge[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = `n${index}`;
    nodes.push({ id, parent: index % 7 === 1 ? `n${index - 1}` : null });
    const wanted = index % 10 === 9 ? 0 : 1 + Math.floor(next() * 3);
    const seen = new Set<number>();
    for (let each = 0; each < wanted && index > 0; each += 1)
      seen.add(Math.floor((1 - next() ** 2) * Math.min(index, 30)));
    for (const back of seen) {
      const from = index - 1 - back;
      if (from >= 0) edges.push({ from: `n${from}`, to: id });
    }
  }
  return { nodes, edges };
}
