import { useComputed } from "@preact/signals";
import type { PlotDocument, Series } from "../../../api/schema";
import { seriesOf } from "../../../state/run/series";
import { timeSpan } from "../metricsFeed";
import { valueWords } from "../units";
import { crosshair, isShown } from "./crosshair";
import { SeriesMark } from "./SeriesMark";
import { seriesLooks } from "./seriesLook";
import { valueAt } from "./thinning";

/** The value of a line at the time that all charts point out. Only its text changes as that moves. */
function ValueThere({ series, plot }: { series: Series; plot: PlotDocument }) {
  const text = useComputed(() => {
    const time = crosshair.value;
    if (!isShown(time, timeSpan.value)) return "";
    const value = valueAt(series.points, time, plot.step * 1.5);
    return value === null ? "–" : valueWords(value, plot);
  });
  return <b>{text}</b>;
}

/** Which line is which, with their values under the crosshair. */
export function ChartLegend({ plot }: { plot: PlotDocument }) {
  const looks = seriesLooks(plot.series, seriesOf);
  return (
    <div class="legend">
      {plot.series.map((series, index) => {
        const look = looks[index];
        return (
          <span key={`${series.resource} ${series.label}`}>
            {look && <SeriesMark look={look} />}
            {series.label}
            <ValueThere key={plot.end} series={series} plot={plot} />
          </span>
        );
      })}
      {plot.exemplars.length > 0 && (
        <span>
          <i class="diamond" />
          trace
        </span>
      )}
    </div>
  );
}
