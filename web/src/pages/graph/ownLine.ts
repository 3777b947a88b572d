import { NODE } from "./layout/sizes";
import type { PlacedLine, PlacedNode } from "./layout/types";
import type { GraphLine } from "./lines";

/** The course of a line from a parent to what belongs to it, which takes no room of its own: to a later column across,
 * within a column along the left side of both. */
export function ownLine(nodes: readonly PlacedNode[], { from, to }: GraphLine): PlacedLine | undefined {
  const parent = nodes.find(({ id }) => id === from);
  const child = nodes.find(({ id }) => id === to);
  if (!parent || !child) return undefined;
  const middle = NODE.height / 2;
  const points =
    child.layer > parent.layer
      ? [
          { x: parent.x + NODE.width, y: parent.y + middle },
          { x: child.x, y: child.y + middle },
        ]
      : [
          { x: parent.x + 14, y: parent.y + (child.y > parent.y ? NODE.height : 0) },
          { x: child.x + 14, y: child.y + (child.y > parent.y ? 0 : NODE.height) },
        ];
  return { from, to, points, backward: false };
}
