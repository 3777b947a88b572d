import type { LineStore } from "./lines/lineStore";
import type { RowList } from "./lines/rowList";
import type { Row } from "./lines/rows";

/** A place in the console that a link leads to. */
export type Place = { kind: "time"; time: number } | { kind: "line"; resource: string; number: number };

/** Read the place of an address: `at`, seconds since 1970 or a date, or a fragment such as `Lapi:12`. */
export function readPlace(at: string, fragment: string): Place | null {
  const line = /^L(.+):(\d+)$/.exec(fragment);
  if (line?.[1]) return { kind: "line", resource: line[1], number: Number(line[2]) };
  if (at === "") return null;
  const time = /^[\d.]+$/.test(at) ? Number(at) : Date.parse(at) / 1000;
  return Number.isFinite(time) ? { kind: "time", time } : null;
}

/** The row at a place; null while its line has not come, or is not shown. */
export function rowAt(place: Place, store: LineStore, list: RowList): Row | null {
  if (place.kind === "time") {
    const [first] = list.rows;
    return first ? (list.rows[list.indexAt(place.time)] ?? null) : null;
  }
  const line = store.lines.findLast(
    (each) => each.number === place.number && each.log.id === place.resource && each.lost === 0,
  );
  return line?.row && line.row.index >= 0 ? line.row : null;
}
