import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { density } from "./settings";

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

/** Whether the window is as narrow as a phone. */
export const isPhone = media("(max-width: 940px)");
/** Whether details take the place of the table. */
export const isNarrow = media("(max-width: 1000px)");
const isCoarse = media("(pointer: coarse)");

/** The height of a row of a table in pixels, as the styles have it. */
export const rowHeight = computed(() => {
  if (isPhone.value) return 56;
  if (isCoarse.value) return 44;
  return density.value === "roomy" ? 38 : 32;
});
