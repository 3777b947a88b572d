import type { PlotDocument } from "../../api/schema";
import { clock } from "../../state/format";
import { chosenTime, isShown } from "./chart/crosshair";
import { seriesFacts } from "./chart/seriesFacts";
import { valueAt } from "./chart/thinning";
import { timeSpan } from "./metricsFeed";
import { valueWords } from "./units";

/** The values of a chart for those who do not see it. */
export function SeriesTable({ plot, title }: { plot: PlotDocument; title: string }) {
  const time = chosenTime.value;
  const at = isShown(time, timeSpan.value) ? time : null;
  const words = (value: number | null) => (value === null ? "no value" : valueWords(value, plot));
  return (
    <table class="sr">
      <caption>{title}</caption>
      <thead>
        <tr>
          <th scope="col">Line</th>
          <th scope="col">{at === null ? "Now" : `At ${clock(at)}`}</th>
          <th scope="col">Lowest</th>
          <th scope="col">Highest</th>
        </tr>
      </thead>
      <tbody>
        {plot.series.map((series) => {
          const { least, most } = seriesFacts(series.points);
          const value = at === null ? series.latest : valueAt(series.points, at, plot.step * 1.5);
          return (
            <tr key={`${series.resource} ${series.label}`}>
              <th scope="row">{series.label}</th>
              <td>{words(value)}</td>
              <td>{words(least)}</td>
              <td>{words(most)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
