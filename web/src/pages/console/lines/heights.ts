/** The heights of rows in a list, and where each row begins: a tree of sums, so that a change costs little. */
export class Heights {
  #sums = new Float64Array(1024);
  #count = 0;

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** The height of all rows. */
  get total(): number {
    return this.top(this.#count);
  }

  /** Begin anew with some rows. */
  reset(count: number, heightOf: (index: number) => number): void {
    this.#count = count;
    this.#reserve(count);
    const sums = this.#sums;
    for (let at = 1; at <= count; at += 1) sums[at] = heightOf(at - 1);
    for (let at = 1; at <= count; at += 1) {
      const parent = at + (at & -at);
      if (parent <= count) sums[parent] = (sums[parent] ?? 0) + (sums[at] ?? 0);
    }
  }

  /** Add a row at the end. */
  push(height: number): void {
    this.#count += 1;
    this.#reserve(this.#count);
    const at = this.#count;
    const below = at - (at & -at);
    this.#sums[at] = this.top(at - 1) - this.top(below) + height;
  }

  /** The height of a row. */
  height(index: number): number {
    return this.top(index + 1) - this.top(index);
  }

  /** Give a row another height. */
  set(index: number, height: number): void {
    const change = height - this.height(index);
    if (change === 0) return;
    for (let at = index + 1; at <= this.#count; at += at & -at)
      this.#sums[at] = (this.#sums[at] ?? 0) + change;
  }

  /** Where a row begins; that behind the last one is the height of all. */
  top(index: number): number {
    let sum = 0;
    for (let at = Math.min(index, this.#count); at > 0; at -= at & -at) sum += this.#sums[at] ?? 0;
    return sum;
  }

  /** The row at a place; the nearest one where the place is outside. */
  find(offset: number): number {
    let at = 0;
    let rest = offset;
    for (let step = 2 ** Math.floor(Math.log2(Math.max(1, this.#count))); step >= 1; step /= 2) {
      const next = at + step;
      const sum = this.#sums[next] ?? 0;
      if (next <= this.#count && sum <= rest) {
        at = next;
        rest -= sum;
      }
    }
    return Math.max(0, Math.min(at, this.#count - 1));
  }

  #reserve(count: number): void {
    if (count < this.#sums.length) return;
    const larger = new Float64Array(Math.max(count + 1, this.#sums.length * 2));
    larger.set(this.#sums);
    this.#sums = larger;
  }
}
