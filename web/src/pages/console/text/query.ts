/** What is searched for in lines. */
export type Query =
  | { kind: "none" }
  | { kind: "text" | "expression"; source: string; flags: string }
  | { kind: "broken"; problem: string };

const EXPRESSION = /^\/(.+)\/([a-z]*)$/;

/** Read what was typed: words in any case, or `/an expression/`. */
export function readQuery(typed: string): Query {
  if (typed === "") return { kind: "none" };
  const expression = EXPRESSION.exec(typed);
  if (!expression) return { kind: "text", source: typed.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), flags: "i" };
  const [, source = "", flags = ""] = expression;
  try {
    new RegExp(source, flags || "i");
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "broken", problem: message.replace(/^Invalid regular expression: /, "") };
  }
  return { kind: "expression", source, flags: (flags || "i").replaceAll("g", "").replaceAll("y", "") };
}

/** Whether something is searched for. */
export function isSearching(query: Query): query is Extract<Query, { source: string }> {
  return query.kind === "text" || query.kind === "expression";
}

/** A stretch of a text, from its first character to the one behind its last. */
export interface Range {
  from: number;
  to: number;
}

const MOST_RANGES = 100;

/** Where a text has what is searched for, at most a hundred times. */
export function rangesIn(text: string, query: Query): readonly Range[] {
  if (!isSearching(query)) return [];
  const ranges: Range[] = [];
  for (const match of text.matchAll(new RegExp(query.source, `${query.flags}g`))) {
    if (match[0] !== "") ranges.push({ from: match.index, to: match.index + match[0].length });
    if (ranges.length === MOST_RANGES) break;
  }
  return ranges;
}

/** The places of those texts that have what is searched for. */
export function matching(texts: readonly string[], query: Query): number[] {
  if (!isSearching(query)) return [];
  const expression = new RegExp(query.source, query.flags);
  const places: number[] = [];
  for (let at = 0; at < texts.length; at += 1) if (expression.test(texts[at] ?? "")) places.push(at);
  return places;
}
