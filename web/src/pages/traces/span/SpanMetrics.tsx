import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../../../api/client";
import type { SpanView, TraceView } from "../../../api/schema";
import { clock } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";
import { resourceName } from "../../../state/run/resources";
import { type MomentValue, momentValues, standingInstruments } from "./momentMetrics";

/** Milliseconds that a span is selected before its metrics are asked for. */
const PAUSE = 200;
/** Seconds around the moment that are asked for, at least. */
const AROUND = 300;

async function valuesAt(span: SpanView, time: number, signal: AbortSignal): Promise<readonly MomentValue[]> {
  const r = [span.sender];
  const list = await ask("GET /api/telemetry/instruments", { query: { r }, signal });
  const wanted = standingInstruments(list.instruments);
  if (wanted.length === 0) return [];
  const instrument = wanted.map(({ name }) => name);
  const window = Math.max(AROUND, Math.ceil(Date.now() / 1000 - time) + 30);
  const { plots } = await ask("GET /api/telemetry/plots", { query: { r, instrument, window }, signal });
  return momentValues(wanted, plots, span.instance, time);
}

/** What the sender of a span measured of itself at that moment, and the way to its metrics. */
export function SpanMetrics({ trace, span }: { trace: TraceView; span: SpanView }) {
  const began = trace.start + span.offset;
  const values = useSignal<readonly MomentValue[]>([]);
  useEffect(() => {
    values.value = [];
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        values.value = await valuesAt(span, began + span.duration, abort.signal);
      } catch {
        // The link to the metrics is there all the same.
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [span.span_id]);
  const at = began.toFixed(3);
  const name = resourceName(span.sender);
  return (
    <section>
      <h3>Linked</h3>
      <ul class="linked">
        {values.value.map(({ instrument, title, value }) => (
          <li key={instrument}>
            <a href={writeAddress("metrics", [], { r: span.sender, q: instrument, at })}>
              {title} at this moment: {value}
            </a>
          </li>
        ))}
        <li>
          <a href={writeAddress("metrics", [], { r: span.sender, at })}>
            Metrics of {name} at {clock(began)}
          </a>
        </li>
        <li>
          <a href={writeAddress("resources", [span.sender])}>{name} now</a>
        </li>
      </ul>
    </section>
  );
}
