import { backoff } from "./backoff";
import { request } from "./client";
import { ndjson } from "./ndjson";
import { connectionProblem, type Problem, toProblem } from "./problem";
import { isAsleep, onSleep } from "./visibility";

/** What a stream that goes on for ever does with what comes. */
export interface StreamHandlers<T> {
  /** Where to connect, asked anew each time, so that it can carry a cursor. */
  address(): string;
  /** What came, the records of one piece of the network together. */
  records(batch: T[]): void;
  /** A connection was made, or made again; nothing of it has come yet. */
  opened?(): void;
  /** The connection is lost; it is tried again at `retryAt`, in milliseconds of the clock. */
  lost?(problem: Problem, retryAt: number): void;
  /** The host refuses for good, so it is not tried again. */
  refused?(problem: Problem): void;
  /** Seconds of silence that count as lost; without it silence is fine. */
  silence?: number;
}

/** A stream that is open. */
export interface Stream {
  close(): void;
  /** Connect at once, if it waits for its next try. */
  retry(): void;
}

/** Keep a stream of NDJSON open: connect again when it ends or falls silent, and pause while the tab sleeps. */
export function openStream<T>(handlers: StreamHandlers<T>): Stream {
  const connection = new Connection(handlers);
  connection.connect();
  return connection;
}

/** Whether a status says that trying again leads nowhere: refused, and not only for being too slow or too often. */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 429;
}

class Connection<T> implements Stream {
  readonly #handlers: StreamHandlers<T>;
  readonly #unsubscribe: () => void;
  #abort: AbortController | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #closed = false;

  constructor(handlers: StreamHandlers<T>) {
    this.#handlers = handlers;
    this.#unsubscribe = onSleep({ sleep: () => this.#disconnect(), wake: () => this.connect() });
  }

  connect(): void {
    this.#disconnect();
    if (this.#closed || isAsleep()) return;
    const abort = new AbortController();
    this.#abort = abort;
    void this.#run(abort);
  }

  close(): void {
    this.#closed = true;
    this.#disconnect();
    this.#unsubscribe();
  }

  retry(): void {
    if (this.#abort === null) this.connect();
  }

  #disconnect(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    const abort = this.#abort;
    this.#abort = null;
    abort?.abort();
  }

  async #run(abort: AbortController): Promise<void> {
    try {
      await this.#read(abort);
      this.#fail(abort, connectionProblem());
    } catch (error) {
      const problem = toProblem(error);
      this.#fail(abort, problem.kind === "page" ? connectionProblem() : problem);
    }
  }

  async #read(abort: AbortController): Promise<void> {
    this.#listen(abort);
    const response = await request("GET", this.#handlers.address(), { signal: abort.signal });
    if (this.#abort !== abort || !response.body) return;
    this.#handlers.opened?.();
    for await (const batch of ndjson<T>(response.body)) {
      if (this.#abort !== abort) return;
      this.#failures = 0;
      this.#listen(abort);
      this.#deliver(batch);
    }
  }

  /** A mistake of the page must not look like a lost connection. */
  #deliver(batch: T[]): void {
    try {
      this.#handlers.records(batch);
    } catch (error) {
      reportError(error);
    }
  }

  /** Count silence from now on. */
  #listen(abort: AbortController): void {
    if (this.#handlers.silence === undefined) return;
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      abort.abort();
      this.#fail(abort, connectionProblem());
    }, this.#handlers.silence * 1000);
  }

  #fail(abort: AbortController, problem: Problem): void {
    if (this.#abort !== abort) return;
    this.#disconnect();
    if (isFinal(problem.status)) {
      this.#handlers.refused?.(problem);
      return;
    }
    this.#failures += 1;
    const delay = backoff(this.#failures) * 1000;
    this.#retry = setTimeout(() => this.connect(), delay);
    this.#handlers.lost?.(problem, Date.now() + delay);
  }
}
