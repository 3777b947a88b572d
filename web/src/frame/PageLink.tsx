import { Icon } from "../components/marks/Icon";
import type { PageEntry } from "../state/place/pages";
import { isPage } from "../state/place/route";
import { pageAddress } from "../state/place/scope";
import { clusterAddress, countOf } from "./pageState";

/** The link to a page, with the number of causes that are open there. */
export function PageLink({ page, iconSize }: { page: PageEntry; iconSize?: number }) {
  const count = countOf(page);
  return (
    <a
      href={page.name === "cluster" ? clusterAddress() : pageAddress(page)}
      aria-current={isPage(page.name) ? "page" : undefined}
      title={`${page.label} (g ${page.key})`}
    >
      <Icon name={page.name} size={iconSize ?? 16} />
      <span>{page.label}</span>
      {count > 0 && (
        <i class="count">
          {count}
          <span class="sr"> need{count === 1 ? "s" : ""} you</span>
        </i>
      )}
    </a>
  );
}
