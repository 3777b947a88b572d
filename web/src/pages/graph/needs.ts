import type { ShapeName } from "../../components/marks/shapes";
import type { Tone } from "../../components/marks/stateLook";
import { nameOf, type ShownLine, shownLines } from "./graphState";
import type { LineState } from "./lines";

/** How a need of a resource looks in a list, and what is said of it. */
export const NEED_LOOKS: Readonly<Record<LineState, { shape: ShapeName; tone: Tone; words: string }>> = {
  open: { shape: "wait", tone: "wait", words: "still waited for" },
  over: { shape: "done", tone: "ok", words: "ready" },
  later: { shape: "idle", tone: "idle", words: "to be waited for" },
  values: { shape: "active", tone: "idle", words: "values only" },
  own: { shape: "active", tone: "idle", words: "parent" },
};

/** What a resource needs of the lines that are shown. */
export function needsOf(id: string): readonly ShownLine[] {
  return shownLines.value.filter(({ line }) => line.to === id);
}

/** What a resource needs, in words: needs orders (ready), payment-key (still waited for). */
export function needWords(id: string): string {
  const needs = needsOf(id).map(({ line, state }) => `${nameOf(line.from)} (${NEED_LOOKS[state].words})`);
  return needs.length > 0 ? `needs ${needs.join(", ")}` : "";
}
