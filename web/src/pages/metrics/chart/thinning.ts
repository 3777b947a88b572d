import type { PlotPoint } from "../../../api/schema";

/** A place of a line: pixels from the left, and a value. */
export interface LinePoint {
  x: number;
  value: number;
}

/** Lay the points of a line out over so many pixels; gaps part it. Where a pixel has more than four points, its first,
 * least, greatest and last are kept, so that no peak is lost. */
export function thinned(
  points: readonly PlotPoint[],
  start: number,
  end: number,
  width: number,
): readonly (readonly LinePoint[])[] {
  const runs: LinePoint[][] = [];
  let run: LinePoint[] = [];
  let column: LinePoint[] = [];
  const scale = width / (end - start);
  const closeColumn = () => {
    run.push(...extremes(column));
    column = [];
  };
  const closeRun = () => {
    closeColumn();
    if (run.length > 0) runs.push(run);
    run = [];
  };
  for (const { time, value } of points) {
    const x = (time - start) * scale;
    if (value === null) closeRun();
    else if (x >= -1 && x <= width + 1) {
      if (column[0] !== undefined && Math.floor(column[0].x) !== Math.floor(x)) closeColumn();
      column.push({ x, value });
    }
  }
  closeRun();
  return runs;
}

function extremes(column: readonly LinePoint[]): readonly LinePoint[] {
  const [first] = column;
  const last = column.at(-1);
  if (first === undefined || last === undefined || column.length <= 4) return column;
  let least = first;
  let most = first;
  for (const point of column) {
    if (point.value < least.value) least = point;
    if (point.value > most.value) most = point;
  }
  return [first, ...(least.x <= most.x ? [least, most] : [most, least]), last];
}

/** The value of a line at a time: that of the nearest point, if one is near.
 * @param reach How far away it may be, in seconds. */
export function valueAt(points: readonly PlotPoint[], time: number, reach: number): number | null {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle]?.time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  const near = [points[low - 1], points[low]].filter((point) => point !== undefined);
  const [nearest] = near.sort((a, b) => Math.abs(a.time - time) - Math.abs(b.time - time));
  return nearest && Math.abs(nearest.time - time) <= reach ? nearest.value : null;
}
