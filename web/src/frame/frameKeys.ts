import { registerKeys } from "../state/keys";
import { overlay } from "../state/overlays";
import { PAGES } from "../state/place/pages";
import { open } from "../state/place/route";
import { pageAddress } from "../state/place/scope";
import { clusterAddress, shownPages } from "./pageState";

function focusSearch(): void {
  const search = document.querySelector("main [data-search]");
  if (search instanceof HTMLInputElement) {
    search.focus();
    search.select();
  }
}

/** The keys that count on every page. */
export function registerFrameKeys(): void {
  registerKeys([
    { key: "Ctrl+k", does: "Search resources, commands, pages", run: () => (overlay.value = "palette") },
    { key: "?", does: "List of keys", run: () => (overlay.value = "keys") },
    { key: "/", does: "Search of the page", run: focusSearch },
    ...PAGES.map((page) => ({
      key: `g ${page.key}`,
      does: page.label,
      run: () => {
        if (!shownPages.value.includes(page)) return;
        open(page.name === "cluster" ? clusterAddress() : pageAddress(page));
      },
    })),
  ]);
}
