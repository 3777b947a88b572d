import type { ModelDocument, ModelLink, Snapshot, WaitView } from "../../api/schema";
import { sentence } from "../../state/format";

/** A line of the graph, from what is needed to who needs it, by their ids. */
export interface GraphLine {
  from: string;
  to: string;
  /** What the definition says; null where one only belongs to the other. */
  link: ModelLink | null;
  /** Whether the one belongs to the other. */
  own: boolean;
}

/** What a line stands for: a wait that goes on, is over, or has not begun; values without a wait; belonging. */
export type LineState = "open" | "over" | "later" | "values" | "own";

/** The kinds of lines that can be shown and hidden. */
export type LineGroup = "waits" | "references" | "parents";

/** The fields of a snapshot that a graph is made of. */
export type GraphResource = Pick<Snapshot, "id" | "name" | "parent">;

/** The lines between some resources: one for each pair, those of the definition first. */
export function graphLines(
  model: Pick<ModelDocument, "links">,
  resources: readonly GraphResource[],
): readonly GraphLine[] {
  const idOf = new Map(resources.map(({ id, name }) => [name, id]));
  const parents = new Map(resources.map(({ id, parent }) => [id, parent]));
  const known = new Set<string>();
  const lines: GraphLine[] = [];
  for (const link of model.links) {
    const from = idOf.get(link.provider);
    const to = idOf.get(link.consumer);
    if (from === undefined || to === undefined) continue;
    known.add(`${from}>${to}`);
    lines.push({ from, to, link, own: parents.get(to) === from });
  }
  for (const { id, parent } of resources) {
    if (parent !== null && parents.has(parent) && !known.has(`${parent}>${id}`))
      lines.push({ from: parent, to: id, link: null, own: true });
  }
  return lines;
}

/** The waits of a resource for what a line leads from. */
export function waitsOf(
  provider: string,
  consumer: Pick<Snapshot, "waits"> | undefined,
): readonly WaitView[] {
  return consumer?.waits.filter((wait) => wait.resource === provider) ?? [];
}

/** The wait that a line stands for and that still goes on.
 * @param provider The name of what is needed. */
export function openWait(
  provider: string,
  consumer: Pick<Snapshot, "state" | "waits"> | undefined,
): WaitView | undefined {
  return consumer?.state === "Waiting"
    ? waitsOf(provider, consumer).find((wait) => !wait.satisfied)
    : undefined;
}

/** What a line stands for now. */
export function lineState(
  { link, own }: GraphLine,
  provider: string,
  consumer: Pick<Snapshot, "state" | "waits"> | undefined,
): LineState {
  if (openWait(provider, consumer)) return "open";
  if (link && link.waits.length > 0)
    return consumer?.state === "NotStarted" || consumer === undefined ? "later" : "over";
  return link ? "values" : own ? "own" : "values";
}

/** What is drawn of a line when only some groups are shown; null where it is hidden. */
export function shownState(
  line: GraphLine,
  state: LineState,
  groups: ReadonlySet<LineGroup>,
): LineState | null {
  const isWait = state === "open" || state === "over" || state === "later";
  if (isWait && groups.has("waits")) return state;
  if (line.link?.values && groups.has("references")) return "values";
  if (line.own && groups.has("parents")) return "own";
  return null;
}

/** What a resource waits for with a condition, in the words of a line's label. */
export function waitWords(condition: string): string {
  return condition === "value" ? "waits for a value" : `waits until ${condition}`;
}

/** What kind of line it is, in words. */
export function lineWords({ link, own }: GraphLine): string {
  const words = [
    link?.reference ? "reference" : link?.values ? "values" : "",
    link && link.waits.length > 0 ? "wait" : "",
    own ? "parent" : "",
  ].filter((word) => word !== "");
  return sentence(words.join(" and "));
}
