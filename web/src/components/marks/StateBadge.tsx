import { Shape } from "./Shape";
import type { Look } from "./stateLook";

/** A state as shape and word. */
export function StateBadge({ look }: { look: Look }) {
  return (
    <span class={`state t-${look.tone}`}>
      <Shape name={look.shape} spins={look.shape === "busy"} />
      <b>{look.word}</b>
    </span>
  );
}

/** A state as its shape alone; the word is its title, and is read out. */
export function Dot({ look }: { look: Look }) {
  return (
    <span class={`t-${look.tone}`} title={look.word}>
      <Shape name={look.shape} spins={look.shape === "busy"} />
      <span class="sr">{look.word}</span>
    </span>
  );
}
