import type { ExemplarView, InstrumentView, PlotDocument } from "../../../api/schema";
import { valueAt } from "./thinning";

/** How high an exemplar lies. A histogram's is a measurement of what the chart shows; that of others counts one thing, so
 * it lies on the line of its resource. Null where that has no value. */
export function exemplarValue(
  exemplar: ExemplarView,
  kind: InstrumentView["kind"],
  plot: PlotDocument,
): number | null {
  if (kind === "histogram") return exemplar.value;
  const line = plot.series.find(({ resource }) => resource === exemplar.resource) ?? plot.series[0];
  return line ? valueAt(line.points, exemplar.time, plot.step * 2) : null;
}
