import type { ClusterEvent } from "../../api/schema";
import { Button } from "../../components/Button";
import { FilterChip } from "../../components/FilterChip";
import { Shape } from "../../components/marks/Shape";
import { clock, counted, dateAndClock } from "../../state/format";
import { queryValue, setQuery } from "../../state/place/route";
import { clusterDocument, filter } from "./clusterState";
import { shownEvents } from "./events";

/** How many events are drawn. */
const MOST = 200;

function Event({ event }: { event: ClusterEvent }) {
  const { time, warning, reason, object, namespace, message, count } = event;
  return (
    <div class="ev" role="row">
      <time role="cell" title={dateAndClock(time)}>
        {clock(time)}
      </time>
      <span role="cell" class={`state t-${warning ? "warn" : "idle"}`}>
        <Shape name={warning ? "warn" : "active"} />
        <b class="cut">{reason}</b>
      </span>
      <span role="cell" class="mono cut obj" title={namespace ? `${namespace}/${object}` : object}>
        {object}
      </span>
      <span role="cell" class="msg">
        {message}
      </span>
      <span role="cell" class="rep">
        {count > 1 && <b>×{count}</b>}
      </span>
    </div>
  );
}

/** What happened in the cluster, newest first. */
export function Events() {
  const onlyWarnings = queryValue("warnings") !== "";
  const { pod } = filter.value;
  const all = shownEvents(clusterDocument.value, filter.value, onlyWarnings);
  return (
    <section aria-label="Events of the cluster">
      <div class="subbar">
        <h2>Events</h2>
        <span>newest first, repeats folded</span>
        {pod && <FilterChip label={pod} onRemove={() => setQuery({ pod: null })} />}
        <span class="grow" />
        <Button
          label="Only warnings"
          small
          look="ghost"
          pressed={onlyWarnings}
          onClick={() => setQuery({ warnings: onlyWarnings ? null : "1" })}
        />
      </div>
      {all.length === 0 ? (
        <p class="evnone">{onlyWarnings ? "No warnings." : "Nothing has happened."}</p>
      ) : (
        <div role="table" aria-label="Events">
          {all.slice(0, MOST).map((event) => (
            <Event key={`${event.time} ${event.object} ${event.reason} ${event.message}`} event={event} />
          ))}
        </div>
      )}
      {all.length > MOST && <p class="evnone">{counted(all.length - MOST, "older event")} not shown.</p>}
    </section>
  );
}
