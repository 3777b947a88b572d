/** A resource as the layout sees it; its parent, if that is among the nodes, frames it. */
export interface LayoutNode {
  id: string;
  parent: string | null;
}

/** A line, from what is needed to who needs it. */
export interface LayoutEdge {
  from: string;
  to: string;
}

/** A point of the picture, in its own pixels. */
export interface Point {
  x: number;
  y: number;
}

/** A rectangle of the picture. */
export interface Box extends Point {
  width: number;
  height: number;
}

/** A node with its place; layers count from 0 at the left. */
export interface PlacedNode extends Box {
  id: string;
  layer: number;
}

/** The frame round a parent and all that belongs to it. */
export interface PlacedFrame extends Box {
  /** The parent. */
  id: string;
  /** How many frames are round it. */
  depth: number;
}

/** A line with its course: straight where it passes a column, curved between two columns. */
export interface PlacedLine extends LayoutEdge {
  /** The ends of its pieces, from left to right. */
  points: readonly Point[];
  /** Whether its arrow points to the left, as the line closes a circle. */
  backward: boolean;
}

/** The whole picture. */
export interface Layout {
  nodes: readonly PlacedNode[];
  frames: readonly PlacedFrame[];
  lines: readonly PlacedLine[];
  width: number;
  height: number;
}
