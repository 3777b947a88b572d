import { signal } from "@preact/signals";
import { type Problem, toProblem } from "../api/problem";

/** A document of the control API: asked for again when it may have changed. What is shown stays meanwhile. */
export class Fetched<T> {
  /** What came last; null before anything did. */
  readonly data = signal<T | null>(null);
  /** Why the last try failed; null when it did not. */
  readonly problem = signal<Problem | null>(null);
  readonly #ask: () => Promise<T>;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Ask again. While an answer is on its way, one more request follows it, however often this is called. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    do {
      this.#again = false;
      try {
        this.data.value = await this.#ask();
        this.problem.value = null;
      } catch (error) {
        this.problem.value = toProblem(error);
      }
    } while (this.#again);
  }
}
