import { Heights } from "./heights";
import { type Row, RowFolder } from "./rows";
import type { StoredLine } from "./storedLine";

/** What of all lines and rows is listed, and how high a row is as far as that is known without drawing it. */
export interface Listing {
  listsLine(line: StoredLine): boolean;
  showsRow(row: Row): boolean;
  height(row: Row): number;
}

/** The rows of the console as they are listed, and where each begins. Lines fold into rows before any filter, so that a
 * stack trace stays whole. */
export class RowList {
  readonly #listing: Listing;
  readonly heights = new Heights();
  #all: Row[] = [];
  #rows: Row[] = [];
  #folder = new RowFolder();
  #isAmiss = false;
  /** How many lines were listed in rows that are shown. */
  listed = 0;

  constructor(listing: Listing) {
    this.#listing = listing;
  }

  /** The rows that are shown. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** How many rows there are, those that are not shown too. */
  get count(): number {
    return this.#all.length;
  }

  /** Whether an open line is shown below the rows. */
  listsOpen(line: StoredLine): boolean {
    return this.#listing.listsLine(line);
  }

  /** List a line behind all others. */
  push(line: StoredLine): void {
    if (!this.#listing.listsLine(line)) return;
    const { row, isNew } = this.#folder.fold(line, this.#all.length);
    if (isNew) this.#append(row);
    else if (row.index < 0) this.#isAmiss ||= this.#listing.showsRow(row);
    else this.heights.set(row.index, this.#listing.height(row));
    if (row.index >= 0) this.listed += 1;
  }

  /** List other lines. What the reader has unfolded stays so. */
  reset(lines: readonly StoredLine[]): void {
    this.#clear();
    for (const line of lines) {
      const earlier = line.row;
      line.row = null;
      if (!this.#listing.listsLine(line)) continue;
      const { row, isNew } = this.#folder.fold(line, this.#all.length);
      if (!isNew) continue;
      if (earlier?.head === line) keepChoices(row, earlier);
      row.place = this.#all.push(row) - 1;
    }
    this.filter();
  }

  /** Ask anew which rows are shown. */
  filter(): void {
    this.#isAmiss = false;
    this.#rows = [];
    for (const row of this.#all) row.index = this.#listing.showsRow(row) ? this.#rows.push(row) - 1 : -1;
    this.measure();
  }

  /** Show rows that have become such as are shown. Returns whether there were any. */
  mend(): boolean {
    if (!this.#isAmiss) return false;
    this.filter();
    return true;
  }

  /** Take out rows whose lines are dropped. */
  dropOld(): void {
    const all = this.#all;
    this.#all = [];
    for (const row of all) row.place = row.head.isDropped ? -1 : this.#all.push(row) - 1;
    for (const row of all) if (row.place < 0) row.index = -1;
    this.filter();
  }

  /** Forget all heights, such as when the width has changed. */
  measure(): void {
    this.heights.reset(this.#rows.length, (index) => {
      const row = this.#rows[index];
      return row ? this.#listing.height(row) : 0;
    });
  }

  /** A row looks different now. */
  touch(row: Row): void {
    row.version += 1;
    if (row.index >= 0) this.heights.set(row.index, this.#listing.height(row));
  }

  /** The first row from a time on; the last one where there is none. */
  indexAt(time: number): number {
    let low = 0;
    let high = this.#rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#rows[middle]?.head.time ?? 0) < time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, Math.min(low, this.#rows.length - 1));
  }

  #append(row: Row): void {
    row.place = this.#all.push(row) - 1;
    if (!this.#listing.showsRow(row)) return;
    row.index = this.#rows.push(row) - 1;
    this.heights.push(this.#listing.height(row));
  }

  #clear(): void {
    for (const row of this.#all) {
      row.place = -1;
      row.index = -1;
    }
    this.#all = [];
    this.#folder = new RowFolder();
  }
}

function keepChoices(row: Row, earlier: Row): void {
  row.unfolded = earlier.unfolded;
  row.isWhole = earlier.isWhole;
  row.version = earlier.version + 1;
}
