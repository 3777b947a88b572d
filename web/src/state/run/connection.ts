import { signal } from "@preact/signals";

/** How the page stands with the host; times in milliseconds of the clock. */
export type Connection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "lost"; since: number; retryAt: number }
  | { kind: "refused"; message: string };

/** The connection of the page. */
export const connection = signal<Connection>({ kind: "connecting" });

/** Whether what is shown is from before, so that nothing can be done. */
export function isStale(): boolean {
  const { kind } = connection.value;
  return kind === "lost" || kind === "refused";
}

/** The reason in words why actions are off; empty when they are not. */
export function whyOff(): string {
  return isStale() ? "The app host does not answer" : "";
}

/** The connection was lost, or a further try has failed. */
export function lost(now: number, retryAt: number): void {
  const before = connection.peek();
  const since = before.kind === "lost" ? before.since : now;
  connection.value = { kind: "lost", since, retryAt };
}
