import { SHAPES, type ShapeName } from "./shapes";

/** A shape that stands for a state, so that it reads without colour. */
export function Shape({ name, spins = false }: { name: ShapeName; spins?: boolean }) {
  return (
    <svg class={spins ? "shape spin" : "shape"} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}
