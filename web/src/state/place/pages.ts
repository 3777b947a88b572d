/** The pages of the dashboard. */
export type PageName =
  | "resources"
  | "graph"
  | "console"
  | "logs"
  | "traces"
  | "metrics"
  | "parameters"
  | "cluster";

/** What the frame knows of a page. */
export interface PageEntry {
  name: PageName;
  /** The word in the header and in titles. */
  label: string;
  /** The first segment of its address. */
  path: string;
  /** The second key of its shortcut, behind g. */
  key: string;
  /** Whether it keeps to the resources in view, `?r=`. */
  scoped: boolean;
}

/** The pages in the order of the header. */
export const PAGES: readonly PageEntry[] = [
  { name: "resources", label: "Resources", path: "resources", key: "r", scoped: false },
  { name: "graph", label: "Graph", path: "graph", key: "g", scoped: false },
  { name: "console", label: "Console", path: "console", key: "c", scoped: true },
  { name: "logs", label: "Logs", path: "logs", key: "l", scoped: true },
  { name: "traces", label: "Traces", path: "traces", key: "t", scoped: true },
  { name: "metrics", label: "Metrics", path: "metrics", key: "m", scoped: true },
  { name: "parameters", label: "Parameters", path: "parameters", key: "p", scoped: false },
  { name: "cluster", label: "Cluster", path: "clusters", key: "k", scoped: false },
];

/** The entry of a page. */
export function pageEntry(name: PageName): PageEntry {
  const entry = PAGES.find((page) => page.name === name);
  if (!entry) throw new Error(`there is no page ${name}`);
  return entry;
}
