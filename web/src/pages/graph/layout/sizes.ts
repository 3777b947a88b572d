// The measures of the picture, in pixels.

/** The size of a node. */
export const NODE = { width: 160, height: 54 };
/** The distance from one column to the next. */
export const COLUMN = NODE.width + 88;
/** The room round the picture. */
export const MARGIN = 24;
/** The room of a line that passes a column. */
export const LANE = 12;
/** What a frame adds: above for its name, below, and at each side. */
export const FRAME = { above: 30, below: 14, side: 12, nested: 9 };
/** The distance of the ends of two lines at one side of a node, and how far they spread at most from its middle. */
export const PORT = { step: 8, most: 18 };
/** The room before an end with an arrow. */
export const ARROW = 7;

/** What can stand above one another in a column. */
export type ItemKind = "node" | "lane" | "frame";

/** The least distance of two things in a column. */
export function gapBetween(above: ItemKind, below: ItemKind): number {
  if (above === "lane" && below === "lane") return 2;
  if (above === "lane" || below === "lane") return 10;
  return above === "node" && below === "node" ? 20 : 26;
}
