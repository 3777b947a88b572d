import { ARROW, COLUMN, MARGIN, NODE, PORT } from "./sizes";
import { middleOf } from "./stack";
import type { Course, Item } from "./tree";
import type { PlacedLine, Point } from "./types";

/** How far a lane gives way at most, in pixels. */
const NUDGE = 5;

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

/** How far from the middle of the nodes at its ends each line begins and ends. */
interface Ports {
  start: Map<Course, number>;
  end: Map<Course, number>;
}

/** The ends of lines at each side of each node, ordered by where the lines lead, so that they don't cross at once. */
function ports(courses: readonly Course[]): Ports {
  const start = spread(
    courses,
    ({ items }) => items[0],
    ({ items }) => items[1],
  );
  const end = spread(
    courses,
    ({ items }) => items.at(-1),
    ({ items }) => items.at(-2),
  );
  for (const course of courses) {
    const { items } = course;
    slide(course, end, items.at(-1), levelOf(items.at(-2), items.length === 2 ? start.get(course) : 0));
    const beyond = items.length === 2 ? end.get(course) : nudge(course, end.get(course)?.offset, undefined);
    slide(course, start, items[0], levelOf(items[1], beyond));
  }
  return { start: new Map([...start].map(offsetOf)), end: new Map([...end].map(offsetOf)) };
}

/** An end of a line at a node: how far from its middle, and whether it is alone at that side. */
interface Port {
  offset: number;
  alone: boolean;
}

function offsetOf([course, { offset }]: [Course, Port]): [Course, number] {
  return [course, offset];
}

function spread(
  courses: readonly Course[],
  nodeOf: (course: Course) => Item | undefined,
  nextOf: (course: Course) => Item | undefined,
): Map<Course, Port> {
  const groups = new Map<Item | undefined, Course[]>();
  for (const course of courses) groups.set(nodeOf(course), [...(groups.get(nodeOf(course)) ?? []), course]);
  const placed = new Map<Course, Port>();
  for (const group of groups.values()) {
    const heights = new Map(group.map((course) => [course, levelOf(nextOf(course), undefined)]));
    const sorted = [...group].sort((a, b) => (heights.get(a) ?? 0) - (heights.get(b) ?? 0));
    for (const [index, course] of sorted.entries())
      placed.set(course, { offset: portOffset(index, sorted.length), alone: sorted.length === 1 });
  }
  return placed;
}

/** Move an end that is alone at its side so that the line is level, if that is still at the node's side. */
function slide(course: Course, at: Map<Course, Port>, node: Item | undefined, level: number): void {
  const port = at.get(course);
  if (!port?.alone || !node) return;
  const offset = level - middleOf(node);
  if (Math.abs(offset) <= PORT.most) port.offset = offset;
}

function levelOf(item: Item | undefined, port: Port | number | undefined): number {
  if (!item) return 0;
  return middleOf(item) + (typeof port === "object" ? port.offset : (port ?? 0));
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
      const y = top + middleOf(lane) + nudge(course, end.get(course), start.get(course));
      points.push({ x: columnX(lane.first), y }, { x: columnX(lane.last) + NODE.width, y });
    }
    points.push({
      x: columnX(last.first) - (backward ? 0 : ARROW),
      y: top + middleOf(last) + (end.get(course) ?? 0),
    });
    return { ...course.edge, points, backward };
  });
}

/** How far a line's only lane gives way so that it is level with one of its ends: less than its distance to others. */
function nudge(course: Course, end: number | undefined, start: number | undefined): number {
  const [from, lane, to, ...more] = course.items;
  if (!from || !lane || !to || more.length > 0) return 0;
  const away = [
    ...(end === undefined ? [] : [middleOf(to) + end - middleOf(lane)]),
    ...(start === undefined ? [] : [middleOf(from) + start - middleOf(lane)]),
  ];
  return away.find((each) => Math.abs(each) <= NUDGE) ?? 0;
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
