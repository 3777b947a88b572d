import { Shape } from "./Shape";
import type { ShapeName } from "./shapes";
import type { Tone } from "./stateLook";

/** A short word in a pill, with a shape. */
export function Tag({ tone, shape, children }: { tone: Tone; shape: ShapeName; children: string }) {
  return (
    <span class={`tag t-${tone}`}>
      <Shape name={shape} />
      {children}
    </span>
  );
}
