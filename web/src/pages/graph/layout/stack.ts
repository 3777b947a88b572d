import { FRAME, gapBetween } from "./sizes";
import type { Container, Item, Tree } from "./tree";

/** How far down an item is, counted from the top of the picture. */
export function topOf(item: Item): number {
  let top = item.top;
  for (let frame = item.container.frame; frame !== null; frame = frame.container.frame)
    top += FRAME.above + frame.top;
  return top;
}

/** The height of its middle, where lines lead to it. */
export function middleOf(item: Item): number {
  return topOf(item) + item.height / 2;
}

/** Put all things as high as their order allows; frames get the height of what is in them. */
export function stack(tree: Tree): void {
  for (const container of tree.containers) stackContainer(container);
}

function stackContainer({ items, frame }: Container): void {
  const lowest = new Map<number, Item>();
  let bottom = 0;
  for (const item of items) {
    item.top = 0;
    for (let layer = item.first; layer <= item.last; layer += 1) {
      const above = lowest.get(layer);
      if (above) item.top = Math.max(item.top, bottomOf(above) + gapBetween(above.kind, item.kind));
      lowest.set(layer, item);
    }
    bottom = Math.max(bottom, bottomOf(item));
  }
  if (frame) frame.height = FRAME.above + bottom + FRAME.below;
}

function bottomOf(item: Item): number {
  return item.top + item.height;
}

/** What is directly above and below each item, in any of its columns. */
export interface Neighbours {
  above: readonly Item[];
  below: readonly Item[];
}

/** The neighbours of the items of a container, as these are ordered now. */
export function neighboursOf({ items }: Container): ReadonlyMap<Item, Neighbours> {
  const found = new Map(items.map((item) => [item, { above: [] as Item[], below: [] as Item[] }]));
  const lowest = new Map<number, Item>();
  for (const item of items) {
    for (let layer = item.first; layer <= item.last; layer += 1) {
      const above = lowest.get(layer);
      if (above && !found.get(item)?.above.includes(above)) {
        found.get(item)?.above.push(above);
        found.get(above)?.below.push(item);
      }
      lowest.set(layer, item);
    }
  }
  return found;
}

/** Move an item towards where it wants to be, as far as its neighbours leave room.
 * @param most The height of its container; none for the whole. */
export function moveTowards(item: Item, wanted: number, { above, below }: Neighbours, most: number): void {
  const least = Math.max(0, ...above.map((each) => bottomOf(each) + gapBetween(each.kind, item.kind)));
  const highest = Math.min(
    most - item.height,
    ...below.map((each) => each.top - gapBetween(item.kind, each.kind) - item.height),
  );
  item.top = Math.max(least, Math.min(highest, wanted));
}

/** The height inside a container: what its frame has room for; no limit for the whole. */
export function roomIn({ frame }: Container): number {
  return frame ? frame.height - FRAME.above - FRAME.below : Number.POSITIVE_INFINITY;
}
