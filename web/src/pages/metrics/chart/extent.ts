import type { PlotDocument } from "../../../api/schema";

/** The least and the greatest value of a plot; nothing at most, and nothing at least. */
export function extent(plot: Pick<PlotDocument, "series">): { least: number; most: number } {
  let least = 0;
  let most = 0;
  for (const { points } of plot.series) {
    for (const { value } of points) {
      if (value === null) continue;
      if (value < least) least = value;
      if (value > most) most = value;
    }
  }
  return { least, most };
}
