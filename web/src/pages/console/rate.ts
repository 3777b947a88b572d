/** Counts how many things come in a second, over the last few seconds. */
export class Rate {
  #seconds = new Map<number, number>();

  /** So many have come.
   * @param now In seconds. */
  add(count: number, now: number): void {
    const second = Math.floor(now);
    this.#seconds.set(second, (this.#seconds.get(second) ?? 0) + count);
    for (const each of this.#seconds.keys()) if (each < second - 2) this.#seconds.delete(each);
  }

  /** How many came in the last whole second, or in this one where that are more. */
  at(now: number): number {
    const second = Math.floor(now);
    return Math.max(this.#seconds.get(second - 1) ?? 0, this.#seconds.get(second) ?? 0);
  }
}
