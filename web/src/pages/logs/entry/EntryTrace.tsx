import type { LogView, TraceDocument } from "../../../api/schema";
import { measured } from "../../../state/format";
import { resourceName } from "../../../state/run/resources";
import { seriesClass } from "../../../state/run/series";
import { traceAddress } from "../words";
import { miniBars } from "./miniTrace";

const WIDTH = 360;
const STEP = 9;

/** Where in its trace an entry happened. */
export function EntryTrace({ entry, document }: { entry: LogView; document: TraceDocument | null }) {
  if (entry.trace_id === null) return null;
  const isHere = document?.trace.trace_id === entry.trace_id;
  const trace = isHere ? document.trace : null;
  const bars = isHere ? miniBars(document, entry.span_id) : [];
  const after = trace ? entry.time - trace.start : 0;
  const at = trace ? Math.min(Math.max(after / (trace.duration || 1), 0), 1) * WIDTH : 0;
  const own = bars.findIndex((bar) => bar.span.span_id === entry.span_id);
  const height = bars.length * STEP + 4;
  return (
    <section>
      <h3>
        In trace{" "}
        <a class="mono tid" href={traceAddress(entry)}>
          {entry.trace_id.slice(0, 6)}
        </a>
        {trace && `, ${measured(Math.max(0, after))} after it began`}
      </h3>
      {trace && (
        <svg
          class={`minitrace t-${entry.level === "error" || entry.level === "fatal" ? "bad" : "idle"}`}
          viewBox={`0 0 ${WIDTH} ${height}`}
          role="img"
          aria-label={`Trace of ${measured(trace.duration)}; this entry ${measured(Math.max(0, after))} after it began`}
        >
          {bars.map(({ span, from, width, isOnPath }, row) => (
            <rect
              key={span.span_id}
              class={`${seriesClass(span.resource)} ${isOnPath ? "on" : ""}`}
              x={from * WIDTH}
              y={2 + row * STEP}
              width={Math.max(2, width * WIDTH)}
              height={5}
              rx={2}
            >
              <title>{`${resourceName(span.resource)}: ${span.name}, ${measured(span.duration)}`}</title>
            </rect>
          ))}
          <path d={`M${at} 0V${height}`} />
          <circle cx={at} cy={own >= 0 ? 4.5 + own * STEP : height / 2} r={3.5} />
        </svg>
      )}
    </section>
  );
}
