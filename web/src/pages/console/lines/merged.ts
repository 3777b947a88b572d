import type { StoredLine } from "./storedLine";

/** Two lists of lines as one, in the order of their times; each keeps its own order. */
export function merged(one: readonly StoredLine[], other: readonly StoredLine[]): StoredLine[] {
  const lines: StoredLine[] = [];
  let at = 0;
  for (const line of one) {
    for (let next = other[at]; next !== undefined && next.time <= line.time; next = other[at]) {
      lines.push(next);
      at += 1;
    }
    lines.push(line);
  }
  for (const line of other.slice(at)) lines.push(line);
  return lines;
}
