import { signal } from "@preact/signals";
import { addressOf } from "../../../api/client";
import type { LogHistogram } from "../../../api/schema";
import { openStream } from "../../../api/stream";

/** How many lines of the resources in view there are, by time and by level; null until the host has told. */
export const histogram = signal<LogHistogram | null>(null);

/** How many bars fit. */
const BUCKETS = 112;

/** Follow the counts of some resources, of all without ids. Returns what ends it. */
export function followHistogram(ids: readonly string[] | null): () => void {
  const stream = openStream<LogHistogram>({
    address: () =>
      addressOf("GET /api/logs/histogram", {
        query: { follow: "1", buckets: BUCKETS, ...(ids && { name: ids }) },
      }),
    records(batch) {
      histogram.value = batch.at(-1) ?? histogram.value;
    },
  });
  return () => stream.close();
}
