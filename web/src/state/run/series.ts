import { resources } from "./resources";

const COLOURS = 8;
const given = new Map<string, number>();

/** The number of the colour that means this resource, 0 to 7: given at first sight in the order of the definition, and
 * kept for the run. */
export function seriesOf(id: string): number {
  for (const each of resources.order.value) if (!given.has(each)) given.set(each, given.size % COLOURS);
  const known = given.get(id);
  if (known !== undefined) return known;
  const next = given.size % COLOURS;
  given.set(id, next);
  return next;
}

/** The class that gives an element the colour of a resource as `--s`. */
export function seriesClass(id: string): string {
  return `s${seriesOf(id)}`;
}
