import { computed, signal, untracked } from "@preact/signals";
import type { Snapshot } from "../../api/schema";
import { isCalm, stateLook } from "../../components/marks/stateLook";
import { isPhone } from "../../state/media";
import { changedQuery, type QueryChange, writeAddress } from "../../state/place/address";
import { closePanel, queryValue, route, select } from "../../state/place/route";
import { model } from "../../state/run/app";
import { findResource, resources } from "../../state/run/resources";
import { layOut } from "./layout/layout";
import { type GraphLine, graphLines, type LineGroup, type LineState, lineState, shownState } from "./lines";

const GROUPS: readonly LineGroup[] = ["waits", "references", "parents"];
const USUAL = "waits,references";

/** What is typed to find a resource. */
export const search = signal("");

/** The groups of lines that are shown. */
export const groups = computed((): ReadonlySet<LineGroup> => {
  const { query } = route.value;
  const names = (query.has("lines") ? (query.get("lines") ?? "") : USUAL).split(",");
  return new Set(GROUPS.filter((group) => names.includes(group)));
});

/** The value of the query for some groups; null for the usual ones. */
export function groupsQuery(shown: ReadonlySet<LineGroup>): string | null {
  const names = GROUPS.filter((group) => shown.has(group)).join(",");
  return names === USUAL ? null : names || "none";
}

/** Whether only the lines are shown that hold something up. */
export const onlyBlocking = computed(() => queryValue("show") === "blocking");

/** Whether the graph is read as a list. */
export const asList = computed(() => isPhone.value || queryValue("view") === "list");

/** What is selected: a line by the ids of its ends, or a node by its id; null where nothing is. */
export type Selection =
  | { kind: "line"; from: string; to: string }
  | { kind: "node"; id: string }
  | { kind: "gone"; what: string };

/** What the address selects. */
export const selection = computed((): Selection | null => {
  const [from, to] = route.value.segments;
  if (from !== undefined && to !== undefined) {
    const ends = [findResource(from), findResource(to)] as const;
    return ends[0] && ends[1]
      ? { kind: "line", from: ends[0].id, to: ends[1].id }
      : { kind: "gone", what: `line from ${from} to ${to}` };
  }
  const name = queryValue("focus");
  if (name === "") return null;
  const resource = findResource(name);
  return resource ? { kind: "node", id: resource.id } : { kind: "gone", what: `resource ${name}` };
});

function address(segments: readonly string[], change: QueryChange): string {
  return writeAddress("graph", segments) + changedQuery(route.peek().query, change);
}

/** The address that selects a node. */
export function nodeAddress(id: string): string {
  return address([], { focus: id });
}

/** The address that selects a line. */
export function lineAddress(from: string, to: string): string {
  return address([from, to], { focus: null });
}

/** Select a node or a line. */
export function selectAddress(to: string): void {
  select(to, selection.peek() !== null);
}

/** Select nothing; the focus returns to the node that was selected, or that the line leads to. */
export function closeSelection(): void {
  const now = selection.peek();
  closePanel(address([], { focus: null }));
  const id = now?.kind === "node" ? now.id : now?.kind === "line" ? now.to : null;
  const active = document.activeElement;
  if (id === null || (active instanceof HTMLElement && active.dataset.node !== undefined)) return;
  requestAnimationFrame(() => {
    const node = document.querySelector(`[data-node="${CSS.escape(id)}"]`);
    if (node instanceof HTMLElement) node.focus({ preventScroll: true });
  });
}

/** The parameters that had no value while the page was shown: they stay, so that the picture does. */
const missed = new Set<string>();

/** Parameters with a value would fill the picture, and hold nothing up. */
function isShown(resource: Snapshot, chosen: ReadonlySet<string>): boolean {
  if (resource.type !== "Parameter") return true;
  if (!isCalm(stateLook(resource))) missed.add(resource.id);
  return missed.has(resource.id) || chosen.has(resource.id);
}

const visible = computed((): readonly Snapshot[] => {
  const now = selection.value;
  const chosen = new Set(now?.kind === "line" ? [now.from, now.to] : now?.kind === "node" ? [now.id] : []);
  return resources
    .all()
    .filter((each) => each.origin === "declared" && each.type !== "Replica" && isShown(each, chosen));
});

/** Changes when a resource comes or goes, and not with its state. */
const visibleKey = computed(() => visible.value.map(({ id, parent }) => `${id} ${parent ?? ""}`).join("\n"));

/** All lines between the resources that are shown. */
const allLines = computed((): readonly GraphLine[] => {
  visibleKey.value;
  return model.value ? graphLines(model.value, visible.peek()) : [];
});

/** The name of a resource. */
export function nameOf(id: string): string {
  return resources.get(id)?.name ?? id;
}

/** What a line stands for now. */
export function stateOf(line: GraphLine): LineState {
  return lineState(line, nameOf(line.from), resources.row(line.to)?.value);
}

function keyOf({ from, to }: { from: string; to: string }): string {
  return `${from}>${to}`;
}

/** The lines that hold something up, by their ends. */
const openKey = computed(() =>
  allLines.value
    .filter((line) => stateOf(line) === "open")
    .map(keyOf)
    .join("\n"),
);

/** How many lines hold something up. */
export const openCount = computed(() => (openKey.value === "" ? 0 : openKey.value.split("\n").length));

/** The lines of the picture: all, or those that hold something up. */
const lines = computed((): readonly GraphLine[] => {
  if (!onlyBlocking.value) return allLines.value;
  const open = new Set(openKey.value.split("\n"));
  return allLines.value.filter((line) => open.has(keyOf(line)));
});

/** The picture, with the line that each of its lines stands for. */
export const graph = computed(() => {
  visibleKey.value;
  const drawn = lines.value;
  const held = new Set(drawn.flatMap(({ from, to }) => [from, to]));
  const nodes = visible.peek().filter(({ id }) => !onlyBlocking.value || held.has(id));
  const layout = layOut(
    nodes.map(({ id, parent }) => ({ id, parent: onlyBlocking.value ? null : parent })),
    drawn.filter(({ link }) => link !== null || onlyBlocking.value),
  );
  return { layout, lines: new Map(drawn.map((line) => [keyOf(line), line])) };
});

/** The line between two resources; undefined where there is none. */
export function lineBetween(from: string, to: string): GraphLine | undefined {
  return allLines.value.find((line) => line.from === from && line.to === to);
}

/** A line with what is drawn of it. */
export interface ShownLine {
  line: GraphLine;
  state: LineState;
}

/** What each line stands for now, as one text: so that the picture is drawn anew only when one of them changes. */
const statesKey = computed(() => [...graph.value.lines.values()].map(stateOf).join());

/** The lines that are shown now. */
export const shownLines = computed((): readonly ShownLine[] => {
  statesKey.value;
  const shown = groups.value;
  const all = [...graph.value.lines.values()];
  return untracked(() =>
    all.flatMap((line) => {
      const state = shownState(line, stateOf(line), shown);
      return state ? [{ line, state }] : [];
    }),
  );
});

/** The ids of the resources that are searched for; null while nothing is typed. */
export const found = computed((): ReadonlySet<string> | null => {
  const text = search.value.trim().toLowerCase();
  if (text === "") return null;
  const { nodes } = graph.value.layout;
  return new Set(nodes.map(({ id }) => id).filter((id) => nameOf(id).toLowerCase().includes(text)));
});
