import type { ResourceEvent } from "../../../api/schema";

/** What was wrong with a resource at a time: the last of its events on state or health until then, if it is bad news.
 * @param events Oldest first.
 * @param time In seconds since 1970. */
export function troubleAt(events: readonly ResourceEvent[], time: number): ResourceEvent | null {
  const last = events.filter(
    (event) => event.time <= time && (event.kind === "health" || event.kind === "state"),
  );
  const event = last.at(-1);
  return event && (event.tone === "bad" || event.tone === "warn") ? event : null;
}
