import type { ResourceEvent } from "../../../api/schema";

/** The events of a resource, newest first; those that come twice once. */
export function merged(
  asked: readonly ResourceEvent[],
  recent: readonly ResourceEvent[],
  id: string,
): readonly ResourceEvent[] {
  const byNumber = new Map(asked.map((event) => [event.number, event]));
  for (const event of recent) if (event.resource === id) byNumber.set(event.number, event);
  return [...byNumber.values()].sort((a, b) => b.number - a.number);
}
