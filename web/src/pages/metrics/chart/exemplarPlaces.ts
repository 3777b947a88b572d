import type { ExemplarView } from "../../../api/schema";

/** An exemplar on its chart, in pixels. */
export interface PlacedExemplar {
  exemplar: ExemplarView;
  x: number;
  y: number;
}

/** Pixels between two exemplars, so that each can be pointed at. */
const APART = 24;

/** Place exemplars on a chart; of those that lie over each other the greatest stays.
 * @param place Where a measurement lies; undefined where it is out of the window. */
export function placeExemplars(
  exemplars: readonly ExemplarView[],
  place: (exemplar: ExemplarView) => { x: number; y: number } | undefined,
): readonly PlacedExemplar[] {
  const placed: PlacedExemplar[] = [];
  for (const exemplar of [...exemplars].sort((a, b) => b.value - a.value)) {
    const at = place(exemplar);
    if (at === undefined) continue;
    if (placed.every(({ x, y }) => Math.max(Math.abs(x - at.x), Math.abs(y - at.y)) >= APART))
      placed.push({ exemplar, ...at });
  }
  return placed.sort((a, b) => a.x - b.x);
}
