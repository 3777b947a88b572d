import { signal } from "@preact/signals";

/** Now, in seconds since 1970; it moves on once a second while the page is shown. */
export const now = signal(Date.now() / 1000);

/** Let the clock run. */
export function startClock(): void {
  setInterval(() => {
    if (document.visibilityState === "visible") now.value = Date.now() / 1000;
  }, 1000);
}
