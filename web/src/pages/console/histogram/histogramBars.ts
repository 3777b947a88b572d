import type { LogHistogram } from "../../../api/schema";

/** A bar of the histogram: where, and how high its parts are; from 0 to 1. */
export interface Bar {
  time: number;
  x: number;
  width: number;
  all: number;
  warn: number;
  error: number;
}

/** Seconds that a histogram spans at least. */
const SHORTEST = 60;

/** The times that the histogram begins and ends at; null where there is nothing in it. */
export function histogramSpan({ buckets, step }: LogHistogram, now: number): [number, number] | null {
  const first = buckets[0];
  const last = buckets.at(-1);
  if (!first || !last) return null;
  const to = Math.max(now, last.time + step);
  return [Math.min(first.time, to - SHORTEST), to];
}

/** The least height of a bar and of a part, so that few lines and a single error are seen too. */
const LEAST = 0.1;

/** The bars of a histogram: as high as the square root of their lines, so that quiet times are seen beside busy ones; the
 * parts by their share. */
export function histogramBars(histogram: LogHistogram, span: readonly [number, number]): readonly Bar[] {
  const [from, to] = span;
  const totals = histogram.buckets.map(({ counts }) =>
    Object.values(counts).reduce((a: number, b) => a + b, 0),
  );
  const most = Math.max(1, ...totals);
  return histogram.buckets.map(({ time, counts }, at) => {
    const total = totals[at] ?? 0;
    const all = Math.max(LEAST, Math.sqrt(total / most));
    const part = (count: number) => (count === 0 ? 0 : Math.max(LEAST, (all * count) / total));
    return {
      time,
      x: (time - from) / (to - from),
      width: histogram.step / (to - from),
      all,
      warn: part(counts.warn),
      error: part(counts.error),
    };
  });
}

/** Times at even distances, for the axis. */
export function axisTimes([from, to]: readonly [number, number], count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => from + ((to - from) * at) / (count - 1));
}
