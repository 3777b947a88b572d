import { ARROW, COLUMN, MARGIN, NODE, PORT } from "./sizes";
import { middleOf } from "./stack";
import type { Course, Item } from "./tree";
import type { PlacedLine, Point } from "./types";

/** The left edge of a column. */
export function columnX(layer: number): number {
  return MARGIN + layer * COLUMN;
}

/** How far from the middle of a node's side each of some lines ends, the upper first. */
export function portOffset(index: number, count: number): number {
  if (count < 2) return 0;
  const reach = Math.min(PORT.most, (PORT.step * (count - 1)) / 2);
  return -reach + (2 * reach * index) / (count - 1);
}

/** The ends of lines at each side of each node, ordered by where the lines lead, so that they don't cross at once. */
function ports(courses: readonly Course[]): { start: Map<Course, number>; end: Map<Course, number> } {
  const start = new Map<Course, number>();
  const end = new Map<Course, number>();
  const spread = (
    sideOf: (course: Course) => Item | undefined,
    nextOf: (course: Course) => Item | undefined,
    into: Map<Course, number>,
  ) => {
    const groups = new Map<Item | undefined, Course[]>();
    for (const course of courses) groups.set(sideOf(course), [...(groups.get(sideOf(course)) ?? []), course]);
    for (const group of groups.values()) {
      const heights = new Map(group.map((course) => [course, heightOf(nextOf(course))]));
      const sorted = [...group].sort((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
      for (const [index, course] of sorted.entries()) into.set(course, portOffset(index, sorted.length));
    }
  };
  spread(
    ({ items }) => items[0],
    ({ items }) => items[1],
    start,
  );
  spread(
    ({ items }) => items.at(-1),
    ({ items }) => items.at(-2),
    end,
  );
  return { start, end };
}

function heightOf(item: Item | undefined): number {
  return item ? middleOf(item) : 0;
}

/** The courses as points: pieces of even index lead from column to column, those between pass a column.
 * @param top What is added to all heights.
 * @param isBackward Whether a line's arrow points to the left. */
export function lineUp(
  courses: readonly Course[],
  top: number,
  isBackward: (course: Course) => boolean,
): readonly PlacedLine[] {
  const { start, end } = ports(courses);
  return courses.map((course) => {
    const [first, ...rest] = course.items;
    const last = rest.at(-1);
    if (!first || !last) return { ...course.edge, points: [], backward: false };
    const backward = isBackward(course);
    const points: Point[] = [
      {
        x: columnX(first.last) + NODE.width + (backward ? ARROW : 0),
        y: top + middleOf(first) + (start.get(course) ?? 0),
      },
    ];
    for (const lane of rest.slice(0, -1)) {
      const y = top + middleOf(lane);
      points.push({ x: columnX(lane.first), y }, { x: columnX(lane.last) + NODE.width, y });
    }
    points.push({
      x: columnX(last.first) - (backward ? 0 : ARROW),
      y: top + middleOf(last) + (end.get(course) ?? 0),
    });
    return { ...course.edge, points, backward };
  });
}

/** The path of a line: level where it passes columns, curved between them. */
export function linePath(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let at = first;
  let path = `M${round(first.x)} ${round(first.y)}`;
  for (const point of rest) {
    const middle = round((at.x + point.x) / 2);
    path +=
      Math.abs(at.y - point.y) < 0.5
        ? `H${round(point.x)}`
        : `C${middle} ${round(at.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    at = point;
  }
  return path;
}

/** Where the label of a line stands: in the middle of its longest piece. */
export function labelPoint(points: readonly Point[]): Point & { room: number } {
  let best = { x: 0, y: 0, room: -1 };
  for (const [index, to] of points.slice(1).entries()) {
    const from = points[index];
    if (from && to.x - from.x > best.room)
      best = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2, room: to.x - from.x };
  }
  return best;
}

/** The triangle at the end of a line. */
export function arrowPath({ points, backward }: Pick<PlacedLine, "points" | "backward">): string {
  const tip = backward ? points[0] : points.at(-1);
  if (!tip) return "";
  const d = backward ? -1 : 1;
  return `M${round(tip.x + d * (ARROW - 1))} ${round(tip.y)}l${-d * ARROW}-4v8z`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
