import { layersOf } from "./layers";
import { columnX, lineUp } from "./lines";
import { order } from "./order";
import { COLUMN, FRAME, gapBetween, MARGIN, NODE } from "./sizes";
import { topOf } from "./stack";
import { buildTree, type Container, type Tree } from "./tree";
import type { Layout, LayoutEdge, LayoutNode, PlacedFrame, PlacedNode } from "./types";

/** Columns that nodes without any line fill at least. */
const LOOSE_COLUMNS = 4;

/** Place nodes and lines: columns by the longest path, so that left starts before right; in them an order with few
 * crossings; parents as frames. The same definition gives the same picture every time.
 * @param nodes In the order of the definition.
 * @param edges At most one for each pair. */
export function layOut(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layout {
  const ids = new Set(nodes.map(({ id }) => id));
  const known = nodes.map(({ id, parent }) => ({
    id,
    parent: parent !== null && ids.has(parent) && parent !== id ? parent : null,
  }));
  const lines = edges.filter(({ from, to }) => from !== to && ids.has(from) && ids.has(to));
  const { joined, loose } = split(known, lines);
  const { layerOf, backward } = layersOf(joined, lines);
  const forward = lines.map((edge, index) => (backward.has(index) ? { from: edge.to, to: edge.from } : edge));
  const tree = buildTree(joined, layerOf, forward);
  order(tree);
  return draw(tree, loose, new Set([...backward].map((index) => forward[index])));
}

/** Those that have a line or a frame, and those that have neither. */
function split(
  nodes: readonly LayoutNode[],
  edges: readonly LayoutEdge[],
): { joined: readonly LayoutNode[]; loose: readonly LayoutNode[] } {
  const held = new Set(edges.flatMap(({ from, to }) => [from, to]));
  for (const { id, parent } of nodes) if (parent !== null) held.add(parent).add(id);
  return {
    joined: nodes.filter(({ id }) => held.has(id)),
    loose: nodes.filter(({ id }) => !held.has(id)),
  };
}

function draw(
  tree: Tree,
  loose: readonly LayoutNode[],
  backward: ReadonlySet<LayoutEdge | undefined>,
): Layout {
  const nodes: PlacedNode[] = [...tree.nodes].map(([id, item]) => ({
    id,
    layer: item.first,
    x: columnX(item.first),
    y: MARGIN + topOf(item),
    ...NODE,
  }));
  const frames = tree.containers.flatMap((container) => frameOf(container, tree.containers));
  const bottom = Math.max(MARGIN, ...[...nodes, ...frames].map(({ y, height }) => y + height));
  nodes.push(...looseNodes(loose, bottom, Math.max(...nodes.map(({ layer }) => layer + 1), 0)));
  const boxes = [...nodes, ...frames];
  const lines = lineUp(tree.courses, MARGIN, ({ edge }) => backward.has(edge)).map((line) =>
    line.backward ? { ...line, from: line.to, to: line.from } : line,
  );
  return {
    nodes,
    frames: frames.sort((a, b) => a.depth - b.depth),
    lines,
    width: MARGIN + Math.max(0, ...boxes.map(({ x, width }) => x + width)),
    height:
      MARGIN +
      Math.max(
        0,
        ...boxes.map(({ y, height }) => y + height),
        ...lines.flatMap(({ points }) => points.map(({ y }) => y)),
      ),
  };
}

/** Nodes without any line, row by row below the others. */
function looseNodes(loose: readonly LayoutNode[], bottom: number, columns: number): readonly PlacedNode[] {
  const across = Math.max(columns, LOOSE_COLUMNS);
  const gap = gapBetween("node", "node");
  const first = bottom === MARGIN ? MARGIN : bottom + 2 * gap;
  return loose.map(({ id }, index) => ({
    id,
    layer: index % across,
    x: MARGIN + (index % across) * COLUMN,
    y: first + Math.floor(index / across) * (NODE.height + gap),
    ...NODE,
  }));
}

function frameOf(container: Container, all: readonly Container[]): readonly PlacedFrame[] {
  const { frame, id, depth } = container;
  if (!frame || id === null) return [];
  const side = FRAME.side + FRAME.nested * nesting(container, all);
  return [
    {
      id,
      depth: depth - 1,
      x: columnX(frame.first) - side,
      y: MARGIN + topOf(frame),
      width: columnX(frame.last) + NODE.width + side - (columnX(frame.first) - side),
      height: frame.height,
    },
  ];
}

/** How many frames are in one another within a container. */
function nesting(container: Container, all: readonly Container[]): number {
  const inner = all.filter((each) => each.frame?.container === container);
  return inner.length === 0 ? 0 : 1 + Math.max(...inner.map((each) => nesting(each, all)));
}
