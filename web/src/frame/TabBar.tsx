import { Icon } from "../components/marks/Icon";
import { overlay } from "../state/overlays";
import { pageEntry } from "../state/place/pages";
import { PageLink } from "./PageLink";

/** The pages at the lower edge of a phone; all others are in the palette. */
export function TabBar() {
  return (
    <nav class="tabbar" aria-label="Pages, compact">
      {(["resources", "console", "traces", "parameters"] as const).map((name) => (
        <PageLink key={name} page={pageEntry(name)} iconSize={20} />
      ))}
      <button
        type="button"
        aria-haspopup="dialog"
        onClick={() => {
          overlay.value = "palette";
        }}
      >
        <Icon name="more" size={20} />
        <span>More</span>
      </button>
    </nav>
  );
}
