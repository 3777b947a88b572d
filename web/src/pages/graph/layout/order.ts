import { middleOf, moveTowards, neighboursOf, roomIn, stack, topOf } from "./stack";
import { type Container, type Item, isWithin, type Joint, type Tree } from "./tree";

/** How often the order is tried anew at most, and how often in a row without getting better. */
const ROUNDS = 24;
const IDLE_ROUNDS = 6;
/** How often things move towards what they are joined with. */
const SWEEPS = 6;
/** What a crossing of two lines counts, in pixels of their length. */
const CROSSING = 60;

/** Which of the joints of a thing count for its order. */
type Side = "left" | "right" | "both";

/** An end of a joint at a thing or within it, and the end elsewhere. */
interface End {
  own: Item;
  other: Item;
  /** On which side of the thing the other end is. */
  side: "left" | "right";
}

/** The ends of joints at each thing; those of a frame are the ones that lead out of it. */
function endsOf({ containers, joints }: Tree): ReadonlyMap<Item, readonly End[]> {
  const ends = new Map<Item, End[]>();
  for (const container of containers) for (const item of container.items) ends.set(item, []);
  const add = (own: Item, other: Item, side: End["side"]) => {
    ends.get(own)?.push({ own, other, side });
    for (let frame = own.container.frame; frame !== null; frame = frame.container.frame) {
      if (isWithin(other, frame)) break;
      ends.get(frame)?.push({ own, other, side });
    }
  };
  for (const { left, right } of joints) {
    add(left, right, "right");
    add(right, left, "left");
  }
  return ends;
}

/** Where a thing wants to be, so that its lines are short: the mean over them; undefined where it has none. */
function wantedTop(item: Item, ends: readonly End[], side: Side): number | undefined {
  const counted = side === "both" ? ends : ends.filter((end) => end.side === side);
  if (counted.length === 0) return undefined;
  const moves = counted.reduce((sum, { own, other }) => sum + middleOf(other) - middleOf(own), 0);
  return item.top + moves / counted.length;
}

/** Move all things towards what they are joined with, without changing their order. */
function relax(tree: Tree, ends: ReadonlyMap<Item, readonly End[]>, sweeps: number): void {
  const neighbours = tree.containers.map((container) => neighboursOf(container));
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const [index, container] of tree.containers.entries()) {
      const items = sweep % 2 === 0 ? [...container.items].reverse() : container.items;
      for (const item of items) {
        const near = neighbours[index]?.get(item);
        const wanted = wantedTop(item, ends.get(item) ?? [], "both");
        if (near && wanted !== undefined) moveTowards(item, wanted, near, roomIn(container));
      }
    }
  }
}

/** How often lines lead across a frame that neither of their ends is in. */
function framesCrossed(joints: readonly Joint[], frames: readonly Item[]): number {
  let crossed = 0;
  for (const frame of frames) {
    const top = topOf(frame);
    const bottom = top + frame.height;
    for (const { left, right } of joints) {
      if (
        left.last < frame.first ||
        right.first > frame.last ||
        isWithin(left, frame) ||
        isWithin(right, frame)
      )
        continue;
      const ends = [middleOf(left), middleOf(right)];
      if (Math.min(...ends) < bottom && Math.max(...ends) > top) crossed += 1;
    }
  }
  return crossed;
}

/** How bad a picture is: crossings of lines, lines across frames, and how far lines lead up or down. */
function costOf({ joints, containers }: Tree): number {
  const byColumn = new Map<number, { left: number; right: number }[]>();
  let length = 0;
  for (const { left, right } of joints) {
    const ends = { left: middleOf(left), right: middleOf(right) };
    length += Math.abs(ends.left - ends.right);
    byColumn.set(left.last, [...(byColumn.get(left.last) ?? []), ends]);
  }
  let crossings = 0;
  for (const column of byColumn.values()) {
    for (const [index, a] of column.entries()) {
      for (const b of column.slice(index + 1)) {
        if ((a.left - b.left) * (a.right - b.right) < 0) crossings += 1;
      }
    }
  }
  const frames = containers.flatMap(({ frame }) => frame ?? []);
  return length + CROSSING * (crossings + 3 * framesCrossed(joints, frames));
}

/** Order the things of a container by where they want to be; equal ones keep their order. */
function sort(container: Container, ends: ReadonlyMap<Item, readonly End[]>, side: Side): void {
  const wanted = new Map(
    container.items.map((item) => [
      item,
      (wantedTop(item, ends.get(item) ?? [], side) ?? item.top) + item.height / 2,
    ]),
  );
  container.items.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
}

/** Find an order in which lines cross little and are short (barycentres), and place all things by it. */
export function order(tree: Tree): void {
  const ends = endsOf(tree);
  const settle = (sweeps: number) => {
    stack(tree);
    relax(tree, ends, sweeps);
  };
  settle(SWEEPS);
  let best = tree.containers.map((container) => [...container.items]);
  let least = costOf(tree);
  for (let round = 0, idle = 0; round < ROUNDS && idle < IDLE_ROUNDS; round += 1) {
    const side: Side = round % 3 === 0 ? "left" : round % 3 === 1 ? "right" : "both";
    for (const container of tree.containers) sort(container, ends, side);
    settle(SWEEPS);
    const cost = costOf(tree);
    idle += 1;
    if (cost < least) {
      idle = 0;
      least = cost;
      best = tree.containers.map((container) => [...container.items]);
    }
  }
  for (const [index, container] of tree.containers.entries()) container.items = best[index] ?? [];
  settle(4 * SWEEPS);
  straighten(tree, ends);
  raise(tree);
}

/** Let lines be level where there is room: each thing beside the middle one of what it comes behind, or else of what comes
 * behind it. */
function straighten(tree: Tree, ends: ReadonlyMap<Item, readonly End[]>): void {
  const columns = [...tree.root.items].sort((a, b) => a.first - b.first);
  const near = neighboursOf(tree.root);
  for (const items of [columns, [...columns].reverse(), columns]) {
    for (const item of items) {
      const own = ends.get(item) ?? [];
      const wanted = levelTop(item, own, "left") ?? levelTop(item, own, "right");
      const beside = near.get(item);
      if (wanted !== undefined && beside) moveTowards(item, wanted, beside, Number.POSITIVE_INFINITY);
    }
  }
}

/** Where a thing is level with the middle one of those at one of its sides; undefined where it has none there. */
function levelTop(item: Item, ends: readonly End[], side: "left" | "right"): number | undefined {
  const moves = ends
    .filter((end) => end.side === side)
    .map(({ own, other }) => middleOf(other) - middleOf(own))
    .sort((a, b) => a - b);
  const middle = moves[Math.floor((moves.length - 1) / 2)];
  return middle === undefined ? undefined : item.top + middle;
}

/** Let the picture begin at its top. */
function raise({ root }: Tree): void {
  const least = Math.min(...root.items.map(topOf));
  if (Number.isFinite(least)) for (const item of root.items) item.top -= least;
}
