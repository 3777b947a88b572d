import { type ItemKind, LANE, NODE } from "./sizes";
import type { LayoutEdge, LayoutNode } from "./types";

/** Something that takes room in one or more columns: a node, a frame, or a lane, through which one long line passes
 * columns. Its `top` is counted from the top of the container that it is in. */
export interface Item {
  kind: ItemKind;
  first: number;
  last: number;
  height: number;
  top: number;
  container: Container;
}

/** The picture as a whole, or the inside of a frame. */
export interface Container {
  /** The frame that it fills; null for the whole. */
  frame: Item | null;
  /** The parent that the frame is of; null for the whole. */
  id: string | null;
  /** How many frames are round its inside. */
  depth: number;
  items: Item[];
}

/** Two things that a line joins, the left one first. */
export interface Joint {
  left: Item;
  right: Item;
}

/** A line as the things that it leads through, from left to right: a node, lanes, a node. */
export interface Course {
  edge: LayoutEdge;
  items: readonly Item[];
}

/** All things that have to be placed. */
export interface Tree {
  root: Container;
  /** All containers, inner ones first. */
  containers: readonly Container[];
  nodes: ReadonlyMap<string, Item>;
  courses: readonly Course[];
  joints: readonly Joint[];
}

/** Build the things to be placed.
 * @param layerOf The column of each node.
 * @param edges The lines, each leading to a column further right. */
export function buildTree(
  nodes: readonly LayoutNode[],
  layerOf: ReadonlyMap<string, number>,
  edges: readonly LayoutEdge[],
): Tree {
  const root: Container = { frame: null, id: null, depth: 0, items: [] };
  const inside = frames(nodes, root);
  const placed = new Map<string, Item>();
  for (const { id, parent } of nodes) {
    const container = inside.get(id) ?? (parent === null ? undefined : inside.get(parent)) ?? root;
    const layer = layerOf.get(id) ?? 0;
    const item = newItem("node", layer, layer, container);
    placed.set(id, item);
    widen(container, layer);
  }
  const courses = edges.flatMap((edge) => {
    const from = placed.get(edge.from);
    const to = placed.get(edge.to);
    return from && to ? [{ edge, items: [from, ...lanes(from, to), to] }] : [];
  });
  const containers = [root, ...inside.values()].sort((a, b) => b.depth - a.depth);
  return { root, containers, nodes: placed, courses, joints: courses.flatMap(jointsOf) };
}

function newItem(kind: ItemKind, first: number, last: number, container: Container): Item {
  const height = kind === "lane" ? LANE : kind === "node" ? NODE.height : 0;
  const item: Item = { kind, first, last, height, top: 0, container };
  container.items.push(item);
  return item;
}

/** The insides of the frames, by their parents; frames without columns yet. */
function frames(nodes: readonly LayoutNode[], root: Container): Map<string, Container> {
  const parents = new Set(nodes.flatMap(({ parent }) => parent ?? []));
  const parentOf = new Map(nodes.map(({ id, parent }) => [id, parent]));
  const inside = new Map<string, Container>();
  const make = (id: string): Container => {
    const known = inside.get(id);
    if (known) return known;
    const above = parentOf.get(id) ?? null;
    const outer = above === null ? root : make(above);
    const frame = newItem("frame", Number.POSITIVE_INFINITY, -1, outer);
    const container: Container = { frame, id, depth: outer.depth + 1, items: [] };
    inside.set(id, container);
    return container;
  };
  for (const { id } of nodes) if (parents.has(id)) make(id);
  return inside;
}

/** Let the frames round a node reach its column. */
function widen(container: Container, layer: number): void {
  for (let frame = container.frame; frame !== null; frame = frame.container.frame) {
    frame.first = Math.min(frame.first, layer);
    frame.last = Math.max(frame.last, layer);
  }
}

/** The containers round an item, inner ones first, up to the whole. */
function containersOf(item: Item): Container[] {
  const found = [item.container];
  for (let frame = item.container.frame; frame !== null; frame = frame.container.frame)
    found.push(frame.container);
  return found;
}

/** Whether an item is within a frame, however deep. */
export function isWithin(item: Item, frame: Item): boolean {
  for (let at = item.container.frame; at !== null; at = at.container.frame) if (at === frame) return true;
  return false;
}

/** The lanes that a line needs where it passes columns: in its frames as long as these reach, and then outside. */
function lanes(from: Item, to: Item): readonly Item[] {
  const left = containersOf(from);
  const right = containersOf(to);
  const common = left.find((container) => right.includes(container)) ?? left.at(-1) ?? from.container;
  const leftInner = left.slice(0, left.indexOf(common));
  const rightInner = right.slice(0, right.indexOf(common));
  const leftEnd = leftInner.at(-1)?.frame?.last ?? from.last;
  const rightStart = rightInner.at(-1)?.frame?.first ?? to.first;
  // Frames beside one another in the same columns: the line leaves the one and enters the other at once.
  if (leftEnd >= rightStart) return lane(common, from.last + 1, to.first - 1);
  const made: Item[] = [];
  let at = from.last;
  for (const container of leftInner) {
    const end = container.frame?.last ?? at;
    made.push(...lane(container, at + 1, end));
    at = Math.max(at, end);
  }
  let back = to.first;
  const behind: Item[] = [];
  for (const container of rightInner) {
    const start = container.frame?.first ?? back;
    behind.unshift(...lane(container, start, back - 1));
    back = Math.min(back, start);
  }
  return [...made, ...lane(common, at + 1, back - 1), ...behind];
}

function lane(container: Container, first: number, last: number): readonly Item[] {
  return first > last ? [] : [newItem("lane", first, last, container)];
}

function jointsOf({ items }: Course): readonly Joint[] {
  return items.slice(1).flatMap((right, index) => {
    const left = items[index];
    return left ? [{ left, right }] : [];
  });
}
