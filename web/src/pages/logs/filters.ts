/** How an attribute is compared, as the control API writes it. */
export type Operator = "=" | "!=" | ">" | "<" | ">=" | "<=" | "~";

/** What an attribute of an entry has to be. */
export interface Filter {
  name: string;
  operator: Operator;
  value: string;
}

/** The operators, each with its sign and its words. */
export const OPERATORS: readonly { operator: Operator; sign: string; words: string }[] = [
  { operator: "=", sign: "=", words: "is" },
  { operator: "!=", sign: "≠", words: "is not" },
  { operator: "~", sign: "contains", words: "contains" },
  { operator: ">", sign: ">", words: "is more than" },
  { operator: ">=", sign: "≥", words: "is at least" },
  { operator: "<", sign: "<", words: "is less than" },
  { operator: "<=", sign: "≤", words: "is at most" },
];

const FILTER = /^\s*([^\s=!<>~][^=!<>~]*?)\s*(!=|>=|<=|=|>|<|~)\s*([\s\S]*?)\s*$/;
const QUOTED = /^(["'])([\s\S]*)\1$/;

/** Read a filter of an address; null where it is none. */
export function readFilter(text: string): Filter | null {
  const match = FILTER.exec(text);
  if (!match) return null;
  const [, name = "", sign, value = ""] = match;
  const operator = OPERATORS.find((each) => each.operator === sign)?.operator;
  return operator ? { name, operator, value: QUOTED.exec(value)?.[2] ?? value } : null;
}

/** Write a filter for an address. */
export function writeFilter({ name, operator, value }: Filter): string {
  const isPlain = value !== "" && value.trim() === value && !QUOTED.test(value);
  return `${name}${operator}${isPlain ? value : `"${value}"`}`;
}

/** A filter in words: http.route ≠ /healthz. */
export function filterLabel({ name, operator, value }: Filter): string {
  const sign = OPERATORS.find((each) => each.operator === operator)?.sign ?? operator;
  return `${name} ${sign} ${value === "" ? "nothing" : value}`;
}

/** Whether a text can be the name of an attribute in a filter. */
export function isFilterName(name: string): boolean {
  return /^[^\s=!<>~][^=!<>~]*$/.test(name.trim());
}

/** Filters with one more; one that is there already is not added. */
export function withFilter(texts: readonly string[], filter: Filter): readonly string[] {
  const text = writeFilter(filter);
  return texts.includes(text) ? texts : [...texts, text];
}
