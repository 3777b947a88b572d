import type { PlotPoint } from "../../../api/schema";

/** What a line was at least and at most; null where it has no values. */
export interface SeriesFacts {
  least: number | null;
  most: number | null;
}

/** The least and the greatest value of a line. */
export function seriesFacts(points: readonly PlotPoint[]): SeriesFacts {
  let least: number | null = null;
  let most: number | null = null;
  for (const { value } of points) {
    if (value === null) continue;
    if (least === null || value < least) least = value;
    if (most === null || value > most) most = value;
  }
  return { least, most };
}
