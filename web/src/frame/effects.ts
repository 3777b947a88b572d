import type { ShapeName } from "../components/marks/shapes";

/** The shape beside what a command will do: a square for what stops, a disc for what stays, a ring for what happens. */
export function effectShape(effect: string): ShapeName {
  if (/\b(kept|stays?|remains?)\b/.test(effect)) return "ok";
  return /\b(stops?|ends?|closed|removed|deleted)\b/.test(effect) ? "stopped" : "busy";
}

/** A piece of a text; `name` tells the name of a resource from other words. */
export interface EffectPiece {
  text: string;
  name: boolean;
}

/** A text in pieces, with the names of resources apart. */
export function effectPieces(effect: string, names: ReadonlySet<string>): readonly EffectPiece[] {
  return effect
    .split(/([\w-]+)/)
    .filter((text) => text !== "")
    .map((text) => ({ text, name: names.has(text) }));
}
