import { computed, signal } from "@preact/signals";
import { changedQuery } from "./address";
import { PAGES, type PageEntry } from "./pages";
import { route, setQuery } from "./route";

/** The names of a query value such as `api,worker`. */
export function readScope(value: string | null): readonly string[] {
  return value ? value.split(",").filter((name) => name !== "") : [];
}

/** The scope of the scoped page that was shown last, which the next one takes over. */
const kept = signal<readonly string[]>([]);

/** The ids of the resources in view; empty means all. */
export const scope = computed((): readonly string[] => {
  const { page, query } = route.value;
  const scoped = PAGES.find((entry) => entry.name === page)?.scoped;
  return scoped ? readScope(query.get("r")) : kept.value;
});

/** Keep the scope of the address for the pages that are opened later. */
export function keepScope(): void {
  kept.value = scope.value;
}

/** What stands in the scope when no resource is in view. */
export const NOTHING = "-";

/** Whether no resource is in view, as all were unticked. */
export function isNothingInView(): boolean {
  return scope.value.length === 1 && scope.value[0] === NOTHING;
}

/** Show only these resources; none means all. */
export function setScope(ids: readonly string[]): void {
  kept.value = ids;
  setQuery({ r: ids.join(",") });
}

/** Whether a resource is in view. */
export function inScope(id: string): boolean {
  return scope.value.length === 0 || scope.value.includes(id);
}

/** The address of a page, with the scope where it keeps one. */
export function pageAddress(entry: PageEntry, ids: readonly string[] = scope.value): string {
  return `/${entry.path}${entry.scoped ? changedQuery(new URLSearchParams(), { r: ids.join(",") }) : ""}`;
}
