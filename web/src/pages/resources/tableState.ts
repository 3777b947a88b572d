import { computed, effect, signal } from "@preact/signals";
import { queryValue, route, setQuery } from "../../state/place/route";
import { causeOf, causes } from "../../state/run/causes";
import { findPart } from "../../state/run/replicas";
import { resources } from "../../state/run/resources";
import { type Filter, isActive, readStateFilter, stateCounts, typesOf } from "./filter";
import { type FoldChoices, withCalmFolded, withChoice, withOpened } from "./folds";
import { MANY } from "./groups";
import { buildTable, sameRows, type TableRow } from "./rows";

const choices = signal<FoldChoices>(new Map());
/** Whether more than a hundred resources are grouped by name. */
export const grouping = signal(true);

/** What the address filters by. */
export const filter = computed(
  (): Filter => ({
    text: queryValue("q"),
    state: readStateFilter(route.value.query.get("state")),
    types: route.value.query.getAll("type"),
  }),
);

const table = computed(() =>
  buildTable({
    resources: resources.all(),
    causes: new Set(causeOf.value.keys()),
    choices: choices.value,
    filter: filter.value,
    grouping: grouping.value,
  }),
);

let drawn: readonly TableRow[] = [];

/** The rows of the table; the same list as long as none comes, goes or moves. */
export const rows = computed((): readonly TableRow[] => {
  const next = table.value.rows;
  if (!sameRows(drawn, next)) drawn = next;
  return drawn;
});

// What trouble opens stays open when it is over.
effect(() => {
  choices.value = withOpened(choices.peek(), table.value.branches);
});

/** How many resources each choice of the state filter shows. */
export const counts = computed(() => stateCounts(resources.all(), causes.value));
/** The kinds of all resources. */
export const types = computed(() => typesOf(resources.all()));
/** Whether there are so many that they are grouped. */
export const isLarge = computed(() => resources.order.value.length > MANY);
/** Whether a filter hides anything. */
export const isFiltered = computed(() => isActive(filter.value));

/** Fold or unfold a branch. */
export function setFolded(key: string, folded: boolean): void {
  const branch = table.peek().branches.find((each) => each.key === key);
  if (branch) choices.value = withChoice(choices.peek(), branch, folded);
}

/** Fold all branches in which all is well. */
export function foldCalm(): void {
  choices.value = withCalmFolded(choices.peek(), table.peek().branches);
}

/** Take all filters away. */
export function clearFilter(): void {
  setQuery({ q: null, state: null, type: null });
}

/** The key of the row that the keyboard is at; null before it was used. */
export const activeKey = signal<string | null>(null);

/** The id or name of the resource whose details are open; null without. */
export const openName = computed(() =>
  route.value.page === "resources" ? (route.value.segments[0] ?? null) : null,
);
/** The id of the resource whose details are open. */
export const openId = computed(() => {
  const name = openName.value;
  if (name === null) return null;
  if (findPart(name)) return name;
  return resources.all().find((each) => each.name.toLowerCase() === name.toLowerCase())?.id ?? null;
});

/** The key of the row that has the tab stop. */
export const tabStop = computed(() => {
  const keys = new Set(rows.value.map((row) => row.key));
  for (const key of [activeKey.value, openId.value]) if (key !== null && keys.has(key)) return key;
  return rows.value[0]?.key ?? null;
});
