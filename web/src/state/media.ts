import { type ReadonlySignal, signal } from "@preact/signals";

const known = new Map<string, ReadonlySignal<boolean>>();

/** Whether a media query holds, as a signal. */
export function media(query: string): ReadonlySignal<boolean> {
  const before = known.get(query);
  if (before) return before;
  const list = matchMedia(query);
  const holds = signal(list.matches);
  list.addEventListener("change", () => {
    holds.value = list.matches;
  });
  known.set(query, holds);
  return holds;
}

/** Whether the page has the layout of a phone. */
export function isPhone(): boolean {
  return media("(max-width: 940px)").value;
}
