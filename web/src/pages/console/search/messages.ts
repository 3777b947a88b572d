import type { Query } from "../text/query";

/** What the searching worker is told: what to search for, or further texts. */
export type SearchRequest =
  | { kind: "query"; query: Query; search: number }
  | { kind: "texts"; texts: readonly string[] };

/** What the searching worker has found in the texts up to a place. */
export interface SearchAnswer {
  /** The search that this is of. */
  search: number;
  /** The places of texts that have what is searched for. */
  places: readonly number[];
  /** How many requests are answered. */
  answered: number;
}
