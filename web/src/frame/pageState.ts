import { computed } from "@preact/signals";
import { PAGES, type PageEntry } from "../state/place/pages";
import { causes } from "../state/run/causes";
import { resources } from "../state/run/resources";

/** The names of the clusters of the app. */
export const clusters = computed((): readonly string[] =>
  resources
    .all()
    .filter((each) => each.type === "K3s cluster")
    .map((each) => each.id),
);

/** The pages that there are: that of clusters only when there is one. */
export const shownPages = computed((): readonly PageEntry[] =>
  PAGES.filter((page) => page.name !== "cluster" || clusters.value.length > 0),
);

/** How many causes are open on the pages that count them. */
export const openCauses = computed(() => {
  let parameters = 0;
  let cluster = 0;
  for (const cause of causes.value) {
    if (cause.action.kind === "parameter") parameters += 1;
    else if (isInCluster(cause.resource)) cluster += 1;
  }
  return { parameters, cluster };
});

function isInCluster(id: string): boolean {
  const seen = new Set<string>();
  for (let at: string | null = id; at !== null && !seen.has(at); at = resources.get(at)?.parent ?? null) {
    if (clusters.value.includes(at)) return true;
    seen.add(at);
  }
  return false;
}

/** The number of causes beside a page; 0 where none is shown. */
export function countOf(page: PageEntry): number {
  if (page.name === "parameters") return openCauses.value.parameters;
  return page.name === "cluster" ? openCauses.value.cluster : 0;
}

/** The address of a page: that of clusters names the first one. */
export function clusterAddress(): string {
  return `/clusters/${encodeURIComponent(clusters.value[0] ?? "")}`;
}
