import type { LayoutEdge, LayoutNode } from "./types";

/** In which column each node is, and which edges close a circle, by their index. */
export interface Layers {
  layerOf: ReadonlyMap<string, number>;
  backward: ReadonlySet<number>;
}

/** An edge of the graph without circles: the end comes at least `least` columns behind the start. */
interface Arc {
  from: string;
  to: string;
  least: number;
}

/** The columns: each node as far left as what it needs allows (longest path), and not left of its parent. */
export function layersOf(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layers {
  const backward = circleEdges(nodes, edges);
  const arcs = edges.map(
    ({ from, to }, index): Arc =>
      backward.has(index) ? { from: to, to: from, least: 1 } : { from, to, least: 1 },
  );
  for (const { id, parent } of nodes) {
    if (parent !== null && !reaches(arcs, id, parent)) arcs.push({ from: parent, to: id, least: 0 });
  }
  return { layerOf: longestPaths(nodes, arcs), backward };
}

/** The edges that lead back to a node on the way to them, in a walk in the order of the nodes. */
function circleEdges(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Set<number> {
  const outgoing = new Map<string, number[]>();
  for (const [index, { from }] of edges.entries()) outgoing.set(from, [...(outgoing.get(from) ?? []), index]);
  const backward = new Set<number>();
  const done = new Set<string>();
  const onWay = new Set<string>();
  const visit = (id: string) => {
    onWay.add(id);
    for (const index of outgoing.get(id) ?? []) {
      const to = edges[index]?.to ?? id;
      if (onWay.has(to)) backward.add(index);
      else if (!done.has(to)) visit(to);
    }
    onWay.delete(id);
    done.add(id);
  };
  for (const { id } of nodes) if (!done.has(id)) visit(id);
  return backward;
}

function reaches(arcs: readonly Arc[], from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const id of seen) {
    if (id === to) return true;
    for (const arc of arcs) if (arc.from === id) seen.add(arc.to);
  }
  return false;
}

function longestPaths(nodes: readonly LayoutNode[], arcs: readonly Arc[]): Map<string, number> {
  const layers = new Map(nodes.map(({ id }) => [id, 0]));
  const open = new Map(nodes.map(({ id }) => [id, 0]));
  for (const { to } of arcs) open.set(to, (open.get(to) ?? 0) + 1);
  const ready = nodes.map(({ id }) => id).filter((id) => open.get(id) === 0);
  for (const id of ready) {
    for (const { from, to, least } of arcs) {
      if (from !== id) continue;
      layers.set(to, Math.max(layers.get(to) ?? 0, (layers.get(id) ?? 0) + least));
      const left = (open.get(to) ?? 0) - 1;
      open.set(to, left);
      if (left === 0) ready.push(to);
    }
  }
  return layers;
}
