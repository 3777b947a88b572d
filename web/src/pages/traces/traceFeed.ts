import { batch, signal } from "@preact/signals";
import { addressOf, ask } from "../../api/client";
import { follow } from "../../api/follow";
import { type Problem, toProblem } from "../../api/problem";
import type { Dropped, TraceCounts, TraceView } from "../../api/schema";
import type { Stream } from "../../api/stream";
import { FrameBatch } from "../../state/frames";
import { isFiltered, listQuery, type TraceFilters } from "./list/traceFilters";
import { inOrder, NO_ROWS, released, type TraceRows, withChanges } from "./list/traceOrder";

/** How many traces are asked for at a time. */
const PAGE = 200;
/** Milliseconds between two counts while traces come. */
const COUNT_PAUSE = 2000;

/** The traces of the list. */
export const traceRows = signal<TraceRows>(NO_ROWS);
/** How many match, whatever is in the list. */
export const traceCounts = signal<TraceCounts | null>(null);
/** How many the host keeps, and how many it has dropped. */
export const tracesKept = signal<Dropped | null>(null);
/** Why the list could not be fetched; null when it could. */
export const listProblem = signal<Problem | null>(null);
/** Whether the list is being fetched for the first time, or with other filters. */
export const isListLoading = signal(true);
/** Whether new traces are shown as they come. */
export const isFollowing = signal(true);
/** Whether the reader looks at the list, so that nothing may move in it. */
const isLookedAt = signal(false);

let asked = "";
let current: TraceFilters | null = null;
let abort: AbortController | undefined;
let stream: Stream | undefined;
let counting: ReturnType<typeof setTimeout> | undefined;
let hasMore = false;
let isFetchingMore = false;
let changes: TraceView[] = [];

const frame = new FrameBatch(() => {
  const rows = withChanges(traceRows.peek(), changes, isLookedAt.peek() || !isFollowing.peek());
  changes = [];
  traceRows.value = rows;
});

/** Show the traces that match, and what comes of them, until the returned function is called. What is in the list stays
 * there until the first answer. */
export function openFeed(filters: TraceFilters): () => void {
  const key = JSON.stringify(filters);
  if (key !== asked) isListLoading.value = true;
  asked = key;
  current = filters;
  void fetchList(filters);
  return closeFeed;
}

function closeFeed(): void {
  abort?.abort();
  stream?.close();
  clearTimeout(counting);
  counting = undefined;
  current = null;
}

async function fetchList(filters: TraceFilters): Promise<void> {
  const request = new AbortController();
  abort = request;
  try {
    const query = { ...listQuery(filters), limit: PAGE };
    const answer = await ask("GET /api/telemetry/traces", { query, signal: request.signal });
    if (current !== filters) return;
    batch(() => {
      traceRows.value = { shown: inOrder(answer.traces), held: [] };
      traceCounts.value = answer.counts;
      tracesKept.value = answer.kept;
      listProblem.value = null;
      isListLoading.value = false;
    });
    hasMore = answer.traces.length === PAGE;
    followChanges(filters, answer.cursor);
  } catch (error) {
    if (request.signal.aborted) return;
    listProblem.value = toProblem(error);
    isListLoading.value = false;
  }
}

function followChanges(filters: TraceFilters, start: number): void {
  stream = follow<TraceView, number>({
    address: (cursor) =>
      addressOf("GET /api/telemetry/traces", {
        query: { ...listQuery(filters), after: cursor ?? start, follow: "1" },
      }),
    cursorOf: (trace) => trace.version,
    records(batched) {
      changes.push(...batched);
      frame.schedule();
      countSoon(filters);
    },
    refused(problem) {
      listProblem.value = problem;
    },
  });
}

/** Count again, but not more often than every two seconds. */
function countSoon(filters: TraceFilters): void {
  counting ??= setTimeout(async () => {
    counting = undefined;
    try {
      const answer = await ask("GET /api/telemetry/traces", { query: { ...listQuery(filters), limit: 1 } });
      if (current !== filters) return;
      traceCounts.value = answer.counts;
      tracesKept.value = answer.kept;
    } catch {
      // The strip tells that the host is gone; the counts are those of before until it is back.
    }
  }, COUNT_PAUSE);
}

/** Fetch older traces behind those in the list. */
export async function fetchMore(): Promise<void> {
  const filters = current;
  const oldest = traceRows.peek().shown.at(-1);
  if (!hasMore || isFetchingMore || filters === null || oldest === undefined) return;
  isFetchingMore = true;
  try {
    const query = { ...listQuery(filters), limit: PAGE, before: oldest.start };
    const answer = await ask("GET /api/telemetry/traces", { query });
    if (current !== filters) return;
    hasMore = answer.traces.length === PAGE;
    const rows = traceRows.peek();
    traceRows.value = { ...rows, shown: inOrder(rows.shown, answer.traces) };
  } catch {
    // Scrolling on asks again.
  } finally {
    isFetchingMore = false;
  }
}

/** The reader looks at the list, or no longer does. */
export function lookAtList(looks: boolean): void {
  isLookedAt.value = looks;
  if (!looks && isFollowing.peek()) showNew();
}

/** Show the traces that wait. */
export function showNew(): void {
  traceRows.value = released(traceRows.peek());
}

/** Follow new traces, or no longer. */
export function setFollowing(follows: boolean): void {
  isFollowing.value = follows;
  if (follows) showNew();
}

/** Fetch the list again, such as after a problem or an import. */
export function reloadList(): void {
  const filters = current;
  if (filters === null) return;
  abort?.abort();
  stream?.close();
  void fetchList(filters);
}

/** Whether there is nothing to filter: no trace has come at all. */
export function isWithoutTraces(filters: TraceFilters): boolean {
  return !isFiltered(filters) && !isListLoading.value && traceCounts.value?.total === 0;
}
