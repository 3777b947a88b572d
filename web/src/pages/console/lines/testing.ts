import type { Line } from "../../../api/schema";

/** A line as the host tells it; what is not given is that of a program. */
export function lineOf(resource: string, number: number, text: string, changes: Partial<Line> = {}): Line {
  return {
    kind: "line",
    resource,
    number,
    time: number,
    stream: "stdout",
    source: null,
    text,
    level: null,
    cursor: `c-${resource}-${number}`,
    ...changes,
  };
}

/** Lines of one resource, numbered from one on. */
export function linesOf(resource: string, texts: readonly string[], from = 1): Line[] {
  return texts.map((text, at) => lineOf(resource, from + at, text));
}
