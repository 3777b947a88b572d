import { shownLines } from "./graphState";
import type { LineState } from "./lines";

const ENTRIES: readonly { state: LineState; look: string; words: string; always: boolean }[] = [
  { state: "over", look: "", words: "wait is over", always: true },
  { state: "open", look: "pend", words: "still waits", always: true },
  { state: "later", look: "later", words: "wait has not begun", always: false },
  { state: "values", look: "ref", words: "values only, no wait", always: true },
  { state: "own", look: "own", words: "belongs to", always: false },
];

/** What the kinds of lines mean. */
export function Legend() {
  const present = new Set(shownLines.value.map(({ state }) => state));
  return (
    <div class="glegend" role="group" aria-label="Legend">
      {ENTRIES.filter(({ state, always }) => always || present.has(state)).map(({ state, look, words }) => (
        <span key={state}>
          <svg width="26" height="8" aria-hidden="true">
            <path class={`ge ${look}`} d="M0 4H26" />
          </svg>
          {words}
        </span>
      ))}
    </div>
  );
}
