import { batch, signal } from "@preact/signals";
import { addressOf, ask } from "../../api/client";
import { follow } from "../../api/follow";
import { type Problem, toProblem } from "../../api/problem";
import type { Dropped, LogCounts, LogView, TelemetryGap } from "../../api/schema";
import type { Stream } from "../../api/stream";
import { FrameBatch } from "../../state/frames";
import { type Entries, NO_ENTRIES, oldest, released, withArrived, withOlder } from "./entries";
import { isNothing, type LogFilters, listQuery } from "./logQuery";

/** How many entries are asked for at a time. */
const PAGE = 200;
/** Milliseconds between two counts while entries come. */
const COUNT_PAUSE = 2000;

/** The entries of the list. */
export const entries = signal<Entries>(NO_ENTRIES);
/** How many match. */
export const counts = signal<LogCounts | null>(null);
/** How many the host keeps, and how many it has dropped. */
export const kept = signal<Dropped | null>(null);
/** Why the list could not be fetched; null when it could. */
export const listProblem = signal<Problem | null>(null);
/** Whether the list of these filters has not come yet. */
export const isLoading = signal(true);
/** Whether new entries are shown as they come. */
export const isFollowing = signal(true);
/** How many entries came too fast to be followed, and are left out of the list. */
export const missed = signal(0);

let asked = "";
let current: LogFilters | null = null;
let abort: AbortController | undefined;
let stream: Stream | undefined;
let counting: ReturnType<typeof setTimeout> | undefined;
let hasMore = false;
let isFetchingMore = false;
let arrived: LogView[] = [];

const frame = new FrameBatch(() => {
  const fresh = arrived;
  arrived = [];
  entries.value = withArrived(entries.peek(), fresh, !isFollowing.peek());
});

/** Show the entries that match, and what comes, until the returned function is called. What is in the list stays there
 * until the first answer. */
export function openFeed(filters: LogFilters): () => void {
  const key = JSON.stringify(filters);
  if (key !== asked) isLoading.value = true;
  asked = key;
  current = filters;
  if (isNothing(filters)) showNothing();
  else void fetchList(filters);
  return closeFeed;
}

function closeFeed(): void {
  abort?.abort();
  stream?.close();
  clearTimeout(counting);
  counting = undefined;
  arrived = [];
  current = null;
}

function showNothing(): void {
  batch(() => {
    entries.value = NO_ENTRIES;
    isLoading.value = false;
    listProblem.value = null;
  });
}

async function fetchList(filters: LogFilters): Promise<void> {
  const request = new AbortController();
  abort = request;
  try {
    const query = { ...listQuery(filters), limit: PAGE };
    const answer = await ask("GET /api/telemetry/logs", { query, signal: request.signal });
    if (current !== filters) return;
    batch(() => {
      entries.value = withOlder(NO_ENTRIES, answer.logs);
      counts.value = answer.counts;
      kept.value = answer.kept;
      listProblem.value = null;
      isLoading.value = false;
      missed.value = 0;
    });
    hasMore = answer.logs.length === PAGE;
    followEntries(filters, answer.cursor);
  } catch (error) {
    if (request.signal.aborted) return;
    listProblem.value = toProblem(error);
    isLoading.value = false;
  }
}

function followEntries(filters: LogFilters, start: number): void {
  stream = follow<LogView | TelemetryGap, number>({
    from: start,
    address: (after) =>
      addressOf("GET /api/telemetry/logs", { query: { ...listQuery(filters), after, follow: "1" } }),
    cursorOf: (record) => ("id" in record ? record.id : undefined),
    records(batched) {
      for (const record of batched) {
        if ("id" in record) arrived.push(record);
        else missed.value += record.lost;
      }
      frame.schedule();
      countSoon(filters);
    },
    refused(problem) {
      listProblem.value = problem;
    },
  });
}

/** Count again, but not more often than every two seconds. */
function countSoon(filters: LogFilters): void {
  counting ??= setTimeout(async () => {
    counting = undefined;
    try {
      const answer = await ask("GET /api/telemetry/logs", { query: { ...listQuery(filters), limit: 1 } });
      if (current !== filters) return;
      counts.value = answer.counts;
      kept.value = answer.kept;
    } catch {
      // The strip tells that the host is gone; the counts are those of before until it is back.
    }
  }, COUNT_PAUSE);
}

/** Fetch older entries behind those in the list. */
export async function fetchMore(): Promise<void> {
  const filters = current;
  const first = oldest(entries.peek());
  if (!hasMore || isFetchingMore || filters === null || first === 0) return;
  isFetchingMore = true;
  try {
    const query = { ...listQuery(filters), limit: PAGE, before: first };
    const answer = await ask("GET /api/telemetry/logs", { query });
    if (current !== filters) return;
    hasMore = answer.logs.length === PAGE;
    entries.value = withOlder(entries.peek(), answer.logs);
  } catch {
    // Scrolling on asks again.
  } finally {
    isFetchingMore = false;
  }
}

/** Follow new entries, or no longer. */
export function setFollowing(follows: boolean): void {
  isFollowing.value = follows;
  if (follows) entries.value = released(entries.peek());
}

/** Let the list stand still while an entry is read. Returns what ends that: it follows again if it did before. */
export function standStill(): () => void {
  const followed = isFollowing.peek();
  setFollowing(false);
  return () => {
    if (followed) setFollowing(true);
  };
}

/** Fetch the list again, such as after a problem. */
export function reloadList(): void {
  const filters = current;
  if (filters === null) return;
  abort?.abort();
  stream?.close();
  void fetchList(filters);
}
