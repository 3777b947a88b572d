import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ask } from "../../../api/client";
import type { ResourceEvent, SpanView, TraceView } from "../../../api/schema";
import { Callout } from "../../../components/Callout";
import { tellingFrames } from "../../../components/stack/frameWords";
import { StackTrace } from "../../../components/stack/StackTrace";
import { clock } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";
import { resourceName, resources } from "../../../state/run/resources";
import { faultWords } from "./faultWords";
import { troubleAt } from "./healthAt";

/** What happened to a resource before a time; empty until it came. */
function useEvents(resource: string): readonly ResourceEvent[] {
  const events = useSignal<readonly ResourceEvent[]>([]);
  useEffect(() => {
    events.value = [];
    if (!resources.get(resource)) return;
    const abort = new AbortController();
    ask("GET /api/resources/{id}/events", { path: { id: resource }, signal: abort.signal }).then(
      (answer) => {
        events.value = answer.events;
      },
      () => {
        // The callout says what is wrong with the span; the state of the resource is beside it.
      },
    );
    return () => abort.abort();
  }, [resource]);
  return events.value;
}

/** How a span failed: what its exception says, and how its resource was at that moment. */
export function SpanFault({ trace, span }: { trace: TraceView; span: SpanView }) {
  const events = useEvents(span.resource);
  const { exception } = span;
  const fault = faultWords(span);
  if (fault === null) return null;
  const trouble = troubleAt(events, trace.start + span.offset + span.duration);
  const frames = exception ? tellingFrames(exception) : [];
  const name = resourceName(span.resource);
  return (
    <section>
      <Callout
        look={{ shape: "bad", tone: "bad" }}
        {...fault}
        remedy={
          trouble && (
            <>
              {name} since {clock(trouble.time)}: {trouble.text}.{" "}
              <a href={writeAddress("resources", [span.resource])}>See why</a>
            </>
          )
        }
      />
      {frames.length > 0 && <StackTrace frames={frames} />}
    </section>
  );
}
