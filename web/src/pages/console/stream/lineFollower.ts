import { addressOf, ask } from "../../../api/client";
import { follow } from "../../../api/follow";
import { type Problem, toProblem } from "../../../api/problem";
import type { Stream } from "../../../api/stream";
import type { LineStore, LogRecord } from "../lines/lineStore";

/** Lines of each resource that come first, so that something is there at once; the earlier ones are fetched after. */
const FIRST_LINES = 500;
/** Milliseconds after which resources that are no longer in view are no longer followed. */
const LINGER = 30_000;

/** What is followed: some resources by their ids, or all of the definition. */
export interface Followed {
  ids: readonly string[];
  /** Whether these are all of the definition, so that they need not be named, and later ones come too. */
  areAll: boolean;
}

/** What becomes of the stream. */
export interface FollowerEvents {
  changed(): void;
  refused(problem: Problem): void;
}

/** Whether one choice of resources has all of another. */
export function covers(one: Followed, other: Followed): boolean {
  return one.areAll && other.areAll ? true : other.ids.every((id) => one.ids.includes(id));
}

/** Follows the lines of the resources in view into a store: goes on where it was when the connection breaks or others
 * come into view, and fetches only what is not there yet. */
export class LineFollower {
  readonly #store: LineStore;
  readonly #events: FollowerEvents;
  #followed: Followed = { ids: [], areAll: false };
  #stream: Stream | null = null;
  #cursor: string | undefined;
  #queue: string[] = [];
  #fetching: AbortController | null = null;
  #narrow: ReturnType<typeof setTimeout> | undefined;

  constructor(store: LineStore, events: FollowerEvents) {
    this.#store = store;
    this.#events = events;
  }

  /** Follow these resources from now on. */
  show(wanted: Followed): void {
    clearTimeout(this.#narrow);
    if (this.#stream && covers(this.#followed, wanted)) {
      if (covers(wanted, this.#followed)) return;
      this.#narrow = setTimeout(() => this.#open(wanted), LINGER);
      return;
    }
    const before = this.#followed;
    for (const id of wanted.ids) if (!before.ids.includes(id)) this.#store.forget(id);
    this.#open(wanted);
    if (this.#cursor !== undefined) for (const id of wanted.ids) this.#want(id);
  }

  /** Follow nothing until something is shown again. */
  pause(): void {
    clearTimeout(this.#narrow);
    this.#stream?.close();
    this.#stream = null;
    this.#fetching?.abort();
    this.#fetching = null;
    this.#queue = [];
  }

  #open(followed: Followed): void {
    this.#stream?.close();
    this.#followed = followed;
    if (followed.ids.length === 0 && !followed.areAll) {
      this.#stream = null;
      return;
    }
    const name = followed.areAll ? undefined : followed.ids;
    this.#stream = follow<LogRecord, string>({
      from: this.#cursor,
      address: (after) =>
        addressOf("GET /api/logs", {
          query: {
            follow: "1",
            open: "1",
            ...(name && { name }),
            ...(after === undefined ? { tail: FIRST_LINES } : { after }),
          },
        }),
      cursorOf: (record) => (record.kind === "open" ? undefined : record.cursor),
      records: (batch) => this.#take(batch),
      opened: () => {
        this.#store.connect();
        this.#fetchNext();
      },
      refused: (problem) => this.#events.refused(problem),
    });
  }

  #take(batch: readonly LogRecord[]): void {
    this.#store.add(batch);
    const seen = new Set<string>();
    for (const record of batch) {
      seen.add(record.resource);
      if (record.kind !== "open") this.#cursor = record.cursor;
    }
    for (const id of seen) this.#want(id);
    this.#events.changed();
  }

  /** Fetch the earlier lines of a resource, if they are not there. */
  #want(id: string): void {
    if (this.#store.log(id).isComplete || this.#queue.includes(id)) return;
    this.#queue.push(id);
    this.#fetchNext();
  }

  #fetchNext(): void {
    const [id] = this.#queue;
    if (id === undefined || this.#fetching) return;
    const abort = new AbortController();
    this.#fetching = abort;
    void this.#fetch(id, abort).finally(() => {
      if (this.#fetching === abort) this.#fetching = null;
      if (!abort.signal.aborted) this.#fetchNext();
    });
  }

  async #fetch(id: string, abort: AbortController): Promise<void> {
    try {
      const { lines } = await ask("GET /api/logs", { query: { name: [id] }, signal: abort.signal });
      if (abort.signal.aborted) return;
      this.#store.addEarlier(id, lines);
      this.#queue = this.#queue.filter((each) => each !== id);
      this.#events.changed();
    } catch (error) {
      if (abort.signal.aborted) return;
      const { status } = toProblem(error);
      // A refused resource is gone. Without a connection it is tried again when there is one.
      if (status === 0 || status >= 500) abort.abort();
      else this.#store.addEarlier(id, []);
      this.#queue = this.#queue.filter((each) => each !== id || abort.signal.aborted);
    }
  }
}
