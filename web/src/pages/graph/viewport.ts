import type { Box, Point } from "./layout/types";

/** What is seen of the picture: a point of it is drawn at `point * scale + (x, y)`. */
export interface View extends Point {
  scale: number;
}

/** The size of the picture, or of the window on it. */
export type Size = Pick<Box, "width" | "height">;

const LEAST = 0.15;
const MOST = 2;
/** Smaller than this, names can't be read. */
const READABLE = 0.6;
/** How much of the picture stays in view, and the room round what is brought into view. */
const EDGE = 64;
/** The least room round what counts as in view. */
const NEAR = 8;

/** The view that shows the whole picture, in its middle. */
export function fitted(picture: Size, window: Size): View {
  const scale = clamp(Math.min(window.width / picture.width, window.height / picture.height), LEAST, 1);
  return {
    scale,
    x: Math.max(0, (window.width - picture.width * scale) / 2),
    y: Math.max(0, (window.height - picture.height * scale) / 2),
  };
}

/** The first view: whole where it can be read then, else from its upper left corner. */
export function firstView(picture: Size, window: Size): View {
  const whole = fitted(picture, window);
  if (whole.scale < READABLE) return { scale: READABLE, x: 0, y: 0 };
  return { ...whole, x: Math.min(whole.x, EDGE), y: Math.min(whole.y, EDGE) };
}

/** The view with another scale; what is at a point of the window stays there. */
export function zoomed(view: View, factor: number, at: Point): View {
  const scale = clamp(view.scale * factor, LEAST, MOST);
  const change = scale / view.scale;
  return { scale, x: at.x - (at.x - view.x) * change, y: at.y - (at.y - view.y) * change };
}

/** The view moved, so that a part of the picture stays in it. */
export function panned(view: View, by: Point, picture: Size, window: Size): View {
  return {
    scale: view.scale,
    x: clamp(view.x + by.x, EDGE - picture.width * view.scale, window.width - EDGE),
    y: clamp(view.y + by.y, EDGE - picture.height * view.scale, window.height - EDGE),
  };
}

/** The view moved as little as needed to show a box with some room round it. */
export function showing(view: View, box: Box, window: Size): View {
  return {
    scale: view.scale,
    x: view.x + into(box.x * view.scale + view.x, box.width * view.scale, window.width),
    y: view.y + into(box.y * view.scale + view.y, box.height * view.scale, window.height),
  };
}

/** How far something has to move to be within a length; its beginning counts where there is no room for all. What is in
 * view already stays where it is. */
function into(start: number, size: number, length: number): number {
  if (start >= NEAR && start + size <= length - NEAR) return 0;
  const room = Math.min(EDGE, Math.max(0, (length - size) / 2));
  if (start < room) return room - start;
  return start + size > length - room ? Math.max(length - room - size, room) - start : 0;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), Math.max(least, most));
}
