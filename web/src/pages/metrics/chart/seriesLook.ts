import type { Series } from "../../../api/schema";
import type { ChartToken } from "./colours";

/** How a line looks: colour tells the resource, the pattern tells lines apart without it. */
export interface SeriesLook {
  token: ChartToken;
  /** The lengths of dashes and gaps; empty for a line without. */
  dash: readonly number[];
}

const DASHES: readonly (readonly number[])[] = [[], [5, 3], [1.5, 3], [8, 3, 1.5, 3], [3, 2], [10, 4]];
/** The higher a quantile, the firmer its line. */
const QUANTILE_DASHES: Readonly<Record<string, readonly number[]>> = { p99: [], p90: [5, 3], p50: [1.5, 3] };
const TOKENS: readonly ChartToken[] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"];

/** How the lines of a chart look.
 * @param colourOf The number of the colour that means a resource. */
export function seriesLooks(
  series: readonly Pick<Series, "resource" | "quantile">[],
  colourOf: (resource: string) => number,
): readonly SeriesLook[] {
  return series.map(({ resource, quantile }, index) => ({
    token: resource === null ? "sx" : (TOKENS[colourOf(resource) % TOKENS.length] ?? "sx"),
    dash: (quantile !== null ? QUANTILE_DASHES[quantile] : undefined) ?? DASHES[index % DASHES.length] ?? [],
  }));
}
