import { PAGES, type PageName, pageEntry } from "./pages";

/** What an address says. */
export interface Address {
  /** The page; null where the address leads to none. */
  page: PageName | null;
  /** The segments behind the page, decoded. */
  segments: readonly string[];
  query: URLSearchParams;
  /** The fragment without its sign. */
  fragment: string;
}

/** Values for a query; null and empty ones are left out, lists repeat. */
export type QueryChange = Readonly<Record<string, string | readonly string[] | null | undefined>>;

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Read an address.
 * @param path Its path, query and fragment, such as `/resources/api?q=x#env`. */
export function readAddress(path: string): Address {
  const url = new URL(path, "http://page");
  const [first = "", ...rest] = url.pathname.split("/").filter((segment) => segment !== "");
  const page = first === "" ? "resources" : (PAGES.find((entry) => entry.path === first)?.name ?? null);
  return { page, segments: rest.map(decoded), query: url.searchParams, fragment: decoded(url.hash.slice(1)) };
}

/** Write an address. */
export function writeAddress(
  page: PageName,
  segments: readonly string[] = [],
  query: QueryChange = {},
  fragment = "",
): string {
  const path = [pageEntry(page).path, ...segments.map(encodeURIComponent)].join("/");
  const pairs = changedQuery(new URLSearchParams(), query);
  return `/${path}${pairs}${fragment ? `#${encodeURIComponent(fragment)}` : ""}`;
}

/** A query string with some values changed, with its question mark. Lists of names stay readable: commas join them. */
export function changedQuery(query: URLSearchParams, change: QueryChange): string {
  const pairs = new URLSearchParams(query);
  for (const [name, value] of Object.entries(change)) {
    pairs.delete(name);
    for (const each of value === null || value === undefined ? [] : [value].flat()) {
      if (each !== "") pairs.append(name, each);
    }
  }
  const text = pairs.toString().replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%3E", ">");
  return text ? `?${text}` : "";
}
