import { useEffect } from "preact/hooks";
import type { InstrumentView, PlotDocument, Series } from "../../api/schema";
import { clock } from "../../state/format";
import { writeAddress } from "../../state/place/address";
import { seriesClass, seriesOf } from "../../state/run/series";
import { crosshair, isShown } from "./chart/crosshair";
import { SeriesMark } from "./chart/SeriesMark";
import { seriesFacts } from "./chart/seriesFacts";
import { seriesLooks } from "./chart/seriesLook";
import { valueAt } from "./chart/thinning";
import { plotOf, setInView, timeSpan } from "./metricsFeed";
import { valueWords } from "./units";

function words(value: number | null, plot: PlotDocument): string {
  return value === null ? "–" : valueWords(value, plot);
}

function Line(props: { instrument: InstrumentView; plot: PlotDocument; series: Series; index: number }) {
  const { instrument, plot, series, index } = props;
  const look = seriesLooks(plot.series, seriesOf)[index];
  const { least, most } = seriesFacts(series.points);
  const time = crosshair.value;
  const there = isShown(time, timeSpan.value);
  const value = there ? valueAt(series.points, time, plot.step * 1.5) : series.latest;
  const exemplar = plot.exemplars
    .filter(({ resource }) => series.resource === null || resource === series.resource)
    .at(-1);
  const isLast = index === plot.series.length - 1;
  return (
    <tr class={isLast ? "last" : ""}>
      {index === 0 && (
        <th scope="rowgroup" rowSpan={plot.series.length} class="last">
          <b>{instrument.title}</b>
          <span class="name2">{instrument.name}</span>
        </th>
      )}
      <th scope="row" class={series.resource === null ? "" : seriesClass(series.resource)}>
        {look && <SeriesMark look={look} />} {series.label}
      </th>
      <td>{words(value, plot)}</td>
      <td>{words(least, plot)}</td>
      <td>{words(most, plot)}</td>
      <td>
        {exemplar && (series.resource !== null || isLast) && (
          <a href={writeAddress("traces", [exemplar.trace_id], { span: exemplar.span_id })}>
            {clock(exemplar.time)}
          </a>
        )}
      </td>
    </tr>
  );
}

function Instrument({ instrument }: { instrument: InstrumentView }) {
  const { name } = instrument;
  const plot = plotOf(name).value;
  useEffect(() => {
    setInView(name, true);
    return () => setInView(name, false);
  }, [name]);
  if (!plot) return null;
  return (
    <tbody>
      {plot.series.map((series, index) => (
        <Line
          key={`${series.resource} ${series.label}`}
          instrument={instrument}
          plot={plot}
          series={series}
          index={index}
        />
      ))}
    </tbody>
  );
}

/** The instruments as a table: a row for each line of each. */
export function MetricsTable({ instruments }: { instruments: readonly InstrumentView[] }) {
  const time = crosshair.value;
  return (
    <table class="mtable">
      <thead>
        <tr>
          <th scope="col">Instrument</th>
          <th scope="col">Line</th>
          <th scope="col">{isShown(time, timeSpan.value) ? `At ${clock(time)}` : "Now"}</th>
          <th scope="col">Lowest</th>
          <th scope="col">Highest</th>
          <th scope="col">Trace</th>
        </tr>
      </thead>
      {instruments.map((instrument) => (
        <Instrument key={instrument.name} instrument={instrument} />
      ))}
    </table>
  );
}
