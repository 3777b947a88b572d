import type { PlacedNode } from "./layout/types";

/** Where a key leads from a node: along the lines to the left and right, else up and down the column.
 * @param lines The lines that are shown, by the ids of their ends.
 * @returns The id of a node; undefined where the key leads nowhere. */
export function moveTo(
  nodes: readonly PlacedNode[],
  lines: readonly { from: string; to: string }[],
  at: string,
  key: string,
): string | undefined {
  const here = nodes.find(({ id }) => id === at);
  if (!here) return nodes[0]?.id;
  const among = (ids: readonly string[]) =>
    nearest(
      here,
      nodes.filter(({ id }) => ids.includes(id)),
    );
  switch (key) {
    case "ArrowRight":
      return among(lines.filter(({ from }) => from === at).map(({ to }) => to));
    case "ArrowLeft":
      return among(lines.filter(({ to }) => to === at).map(({ from }) => from));
    case "ArrowDown":
      return nearest(here, below(here, nodes));
    case "ArrowUp":
      return nearest(here, above(here, nodes));
    case "Home":
      return readingOrder(nodes)[0]?.id;
    case "End":
      return readingOrder(nodes).at(-1)?.id;
    default:
      return undefined;
  }
}

/** The next line at a side of a node, upper ones first, when one line after the other is asked for.
 * @param after The id of the other end of the line that is selected now. */
export function nextLine(
  nodes: readonly PlacedNode[],
  lines: readonly { from: string; to: string }[],
  at: string,
  side: "left" | "right",
  after: string | null,
): { from: string; to: string } | undefined {
  const other = (line: { from: string; to: string }) => (side === "right" ? line.to : line.from);
  const height = (id: string) => nodes.find((node) => node.id === id)?.y ?? 0;
  const found = lines
    .filter(({ from, to }) => (side === "right" ? from : to) === at)
    .sort((a, b) => height(other(a)) - height(other(b)));
  const index = found.findIndex((line) => other(line) === after);
  return found[(index + 1) % Math.max(1, found.length)];
}

/** Nodes from the first column to the last, each from top to bottom: the order in which they can start. */
export function readingOrder(nodes: readonly PlacedNode[]): readonly PlacedNode[] {
  return [...nodes].sort((a, b) => a.layer - b.layer || a.y - b.y);
}

function below(here: PlacedNode, nodes: readonly PlacedNode[]): readonly PlacedNode[] {
  return nodes.filter(({ layer, y }) => layer === here.layer && y > here.y);
}

function above(here: PlacedNode, nodes: readonly PlacedNode[]): readonly PlacedNode[] {
  return nodes.filter(({ layer, y }) => layer === here.layer && y < here.y);
}

function nearest(here: PlacedNode, nodes: readonly PlacedNode[]): string | undefined {
  const distance = ({ x, y }: PlacedNode) => Math.abs(y - here.y) * 4 + Math.abs(x - here.x);
  return [...nodes].sort((a, b) => distance(a) - distance(b))[0]?.id;
}
