import { computed, signal } from "@preact/signals";
import { type Address, changedQuery, type QueryChange, readAddress, writeAddress } from "./address";
import type { PageName } from "./pages";

const path = signal("/");

/** What the address says. */
export const route = computed((): Address => readAddress(path.value));

/** Whether Back leads to what was there before the open panel was opened. */
function panelWasPushed(): boolean {
  return history.state?.panel === true;
}

function here(): string {
  return location.pathname + location.search + location.hash;
}

/** Read the address, and follow Back and Forward from now on. */
export function startRoute(): void {
  path.value = here();
  addEventListener("popstate", () => {
    path.value = here();
  });
}

/** Open a page or a panel: Back leads to what is shown now. */
export function open(address: string, state: { panel?: boolean } = {}): void {
  if (address === here()) return;
  history.pushState(state, "", address);
  path.value = address;
}

/** Change what the address says of the page that is shown: Back skips it. */
export function replace(address: string): void {
  if (address === here()) return;
  history.replaceState(history.state, "", address);
  path.value = address;
}

/** Select something of a page: the first selection opens a panel, further ones replace it.
 * @param address Its address.
 * @param isOpen Whether a panel is open now. */
export function select(address: string, isOpen: boolean): void {
  if (isOpen) replace(address);
  else open(address, { panel: true });
}

/** Close a panel, so that neither Back nor Forward opens it without being asked.
 * @param address The page without the panel, where it was not opened from there. */
export function closePanel(address: string): void {
  if (panelWasPushed()) history.back();
  else replace(address);
}

/** The address of the page that is shown, with other segments; its query stays. */
export function siblingAddress(segments: readonly string[], fragment = ""): string {
  const { page, query } = route.value;
  return (
    writeAddress(page ?? "resources", segments) + changedQuery(query, {}) + (fragment ? `#${fragment}` : "")
  );
}

/** Name a section of what is shown in the fragment of the address. */
export function setFragment(fragment: string): void {
  replace(`${location.pathname}${location.search}#${encodeURIComponent(fragment)}`);
}

/** Change some values of the query of the page that is shown. */
export function setQuery(change: QueryChange): void {
  const { query } = route.peek();
  replace(location.pathname + changedQuery(query, change) + location.hash);
}

/** The value of the query; empty where it has none. */
export function queryValue(name: string): string {
  return route.value.query.get(name) ?? "";
}

/** Whether a click opens a link here, and not in a tab of its own or to save it. */
export function isPlainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

/** Open a link of the page itself without loading it anew. */
export function followLink(event: MouseEvent): void {
  if (event.defaultPrevented || !isPlainClick(event)) return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.pathname.startsWith("/api/") || link.getAttribute("href")?.startsWith("#")) return;
  event.preventDefault();
  open(link.pathname + link.search + link.hash, link.dataset.panel === undefined ? {} : { panel: true });
}

/** Whether a page is shown. */
export function isPage(name: PageName): boolean {
  return route.value.page === name;
}
