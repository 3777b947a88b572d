import { signal } from "@preact/signals";
import type { ResourceEvent } from "../../api/schema";

/** How many events of the run are kept here; all of a resource are asked for when they are shown. */
const KEPT = 500;

/** What happened since the page was opened, oldest first. */
export const recentEvents = signal<readonly ResourceEvent[]>([]);

/** Add events that came; those known already change nothing. */
export function addEvents(events: readonly ResourceEvent[]): void {
  const last = recentEvents.peek().at(-1)?.number ?? -1;
  const fresh = events.filter((event) => event.number > last);
  if (fresh.length > 0) recentEvents.value = [...recentEvents.peek(), ...fresh].slice(-KEPT);
}
