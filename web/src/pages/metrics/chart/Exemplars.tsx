import { useMemo } from "preact/hooks";
import type { InstrumentView, PlotDocument } from "../../../api/schema";
import { clock } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";
import { resourceName } from "../../../state/run/resources";
import type { TimeSpan } from "../metricsFeed";
import { valueWords } from "../units";
import { LEFT, RIGHT, yOf } from "./drawPlot";
import { placeExemplars } from "./exemplarPlaces";
import { exemplarValue } from "./exemplarValue";
import type { PlotSize } from "./PlotCanvas";
import type { ValueScale } from "./plotScale";

/** Measurements that lead to their traces, as links over the chart. */
export function Exemplars(props: {
  kind: InstrumentView["kind"];
  plot: PlotDocument;
  scale: ValueScale;
  span: TimeSpan;
  size: PlotSize;
}) {
  const { kind, plot, scale, span, size } = props;
  const placed = useMemo(() => {
    const room = size.width - LEFT - RIGHT;
    if (room <= 0) return [];
    return placeExemplars(plot.exemplars, (exemplar) => {
      const value = exemplarValue(exemplar, kind, plot);
      if (value === null || exemplar.time < span.start || exemplar.time > span.end) return undefined;
      const x = LEFT + ((exemplar.time - span.start) / (span.end - span.start)) * room;
      return { x, y: yOf(value, scale, size.height) };
    });
  }, [kind, plot, scale, span, size]);
  if (placed.length === 0) return null;
  return (
    <ul class="exemplars" aria-label="Traces">
      {placed.map(({ exemplar, x, y }) => {
        const where = `${resourceName(exemplar.resource)} at ${clock(exemplar.time)}`;
        const words = kind === "histogram" ? `${valueWords(exemplar.value, plot)} in ${where}` : where;
        return (
          <li key={`${exemplar.trace_id} ${exemplar.span_id} ${exemplar.time}`}>
            <a
              href={writeAddress("traces", [exemplar.trace_id], { span: exemplar.span_id })}
              title={`Open the trace of ${words}`}
              style={{ left: `${x.toFixed(1)}px`, top: `${y.toFixed(1)}px` }}
            >
              <span class="sr">Trace of {words}</span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
