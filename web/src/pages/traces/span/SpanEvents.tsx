import type { SpanView, TraceView } from "../../../api/schema";
import { measured, preciseClock } from "../../../state/format";

/** What happened within a span, but for its exception, which is told above. */
export function SpanEvents({ trace, span }: { trace: TraceView; span: SpanView }) {
  const events = span.events.filter((event) => event.name !== "exception" || span.exception === null);
  if (events.length === 0) return null;
  return (
    <section>
      <h3>Events</h3>
      <div>
        {events.map((event, index) => (
          <div key={index} class="evt spanevent">
            <time title={preciseClock(trace.start + event.offset)}>{measured(event.offset)}</time>
            <span>
              {event.name}
              {event.attributes.map(({ name, value }) => (
                <small key={name}>
                  {name} <b>{value}</b>
                </small>
              ))}
            </span>
          </div>
        ))}
      </div>
    </section>
  );
}
