import type { ResourceEvent } from "../../../api/schema";
import { Shape } from "../../../components/marks/Shape";
import { clock, dateAndClock } from "../../../state/format";
import { consoleAddress } from "../actions";

/** How many are shown at first. */
export const FEW = 12;

/** What happened to a resource, newest first; the time leads to the console at that moment. */
export function Events({ events }: { events: readonly ResourceEvent[] }) {
  return (
    <div class="evts">
      {events.map((event) => (
        <div key={event.number} class={`evt t-${event.tone}`}>
          <a
            href={consoleAddress(event.resource, event.time)}
            title={`Console at ${dateAndClock(event.time)}`}
          >
            <time>{clock(event.time)}</time>
          </a>
          <Shape name={event.tone === "idle" ? "done" : event.tone} />
          <span>{event.text}</span>
        </div>
      ))}
    </div>
  );
}
