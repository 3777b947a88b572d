/** Runs work at most once a frame; while the tab is hidden it waits, and runs once when it is shown. */
export class FrameBatch {
  readonly #work: () => void;
  #scheduled = false;

  constructor(work: () => void) {
    this.#work = work;
  }

  /** Let the work run with the next frame. */
  schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#work();
    });
  }
}
