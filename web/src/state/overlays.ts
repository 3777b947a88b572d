import { signal } from "@preact/signals";

/** What lies over the page; one at a time. */
export type Overlay = "palette" | "keys" | "settings" | "notifications" | null;

/** What is open. */
export const overlay = signal<Overlay>(null);

/** Close what is open. */
export function closeOverlay(): void {
  overlay.value = null;
}
