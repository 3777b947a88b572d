import { signal } from "@preact/signals";
import type { LogView } from "../../api/schema";

/** The entries that were pinned, so that they stay in view whatever is filtered; for as long as the tab is open. */
export const pinned = signal<readonly LogView[]>([]);

const MOST = 10;

/** Pin an entry, or no longer. The oldest of more than ten is let go. */
export function togglePin(entry: LogView): void {
  const before = pinned.peek();
  pinned.value = before.some((each) => each.id === entry.id)
    ? before.filter((each) => each.id !== entry.id)
    : [...before, entry].slice(-MOST);
}

/** Whether an entry is pinned. */
export function isPinned(id: number): boolean {
  return pinned.value.some((entry) => entry.id === id);
}
