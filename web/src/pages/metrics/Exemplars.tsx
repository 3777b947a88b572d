import { useMemo } from "preact/hooks";
import type { PlotDocument } from "../../api/schema";
import { writeAddress } from "../../state/address";
import { clock } from "../../state/format";
import { resourceName } from "../../state/resources";
import { LEFT, RIGHT, yOf } from "./drawPlot";
import { placeExemplars } from "./exemplarPlaces";
import type { TimeSpan } from "./metricsFeed";
import type { PlotSize } from "./PlotCanvas";
import type { ValueScale } from "./plotScale";
import { valueWords } from "./units";

/** Measurements that lead to their traces, as links over the chart. */
export function Exemplars(props: { plot: PlotDocument; scale: ValueScale; span: TimeSpan; size: PlotSize }) {
  const { plot, scale, span, size } = props;
  const placed = useMemo(() => {
    const room = size.width - LEFT - RIGHT;
    if (room <= 0) return [];
    return placeExemplars(plot.exemplars, ({ time, value }) =>
      time < span.start || time > span.end
        ? undefined
        : {
            x: LEFT + ((time - span.start) / (span.end - span.start)) * room,
            y: yOf(value, scale, size.height),
          },
    );
  }, [plot, scale, span, size]);
  if (placed.length === 0) return null;
  return (
    <ul class="exemplars" aria-label="Traces">
      {placed.map(({ exemplar, x, y }) => {
        const words = `${valueWords(exemplar.value, plot)} in ${resourceName(exemplar.resource)} at ${clock(exemplar.time)}`;
        return (
          <li key={`${exemplar.trace_id} ${exemplar.span_id} ${exemplar.time}`}>
            <a
              href={writeAddress("traces", [exemplar.trace_id], { span: exemplar.span_id })}
              title={`${words}: open its trace`}
              style={{ left: `${x.toFixed(1)}px`, top: `${y.toFixed(1)}px` }}
            >
              <span class="sr">Trace with {words}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
