import { signal } from "@preact/signals";
import type { LogLevel } from "../../api/schema";
import { FrameBatch } from "../../state/frames";
import { shownLevel } from "./levels";
import { LineStore } from "./lines/lineStore";
import { RowList } from "./lines/rowList";
import type { Row } from "./lines/rows";
import type { StoredLine } from "./lines/storedLine";
import { Rate } from "./rate";
import { rowHeight } from "./rowHeight";
import { LineSearch } from "./search/lineSearch";
import { LineFollower } from "./stream/lineFollower";
import { isSearching, type Query, readQuery } from "./text/query";

/** What of the lines is shown. */
export interface View {
  /** The resources in view; null for all. */
  ids: ReadonlySet<string> | null;
  levels: ReadonlySet<LogLevel>;
  /** What is searched for, as it was typed. */
  typed: string;
  /** Whether lines that are not found are hidden. */
  onlyFound: boolean;
}

/** Lines a second that are too many to read: while they are followed, only a sample of them is drawn. */
export const READABLE = 150;
/** Seconds after which a line was not written just now. */
const LIVE = 3;
/** Milliseconds between two drawings of a sample. */
const SAMPLE_EVERY = 250;

/** The lines of the run as the console shows them. It outlives the page Console, so that coming back shows at once what
 * was there. */
class Console {
  readonly store = new LineStore();
  readonly list: RowList;
  readonly search: LineSearch;
  readonly follower: LineFollower;
  /** Rises when the list has to be drawn anew. */
  readonly version = signal(0);
  /** Whether the newest lines stay in view. */
  readonly follows = signal(true);
  /** Whether only a sample of the lines is drawn, as they come too fast to be read. */
  readonly isSampled = signal(false);
  /** Lines up to this time are hidden, as the reader has cleared the view; 0 for none. */
  readonly clearedAt = signal(0);
  /** Why the host does not give the lines; empty when it does. */
  readonly refusal = signal("");
  query: Query = { kind: "none" };

  readonly #frame = new FrameBatch(() => this.#flush());
  readonly #rate = new Rate();
  #again: ReturnType<typeof setTimeout> | undefined;
  #view: View = { ids: null, levels: new Set(), typed: "", onlyFound: false };
  #revision = 0;
  #listedWhenPaused = 0;
  #drawnAt = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  #isFilterOld = false;

  constructor() {
    this.list = new RowList({
      listsLine: (line) => this.#lists(line),
      showsRow: (row) => this.#shows(row),
      height: rowHeight,
    });
    this.search = new LineSearch(() => {
      this.#isFilterOld = this.#view.onlyFound;
      this.#frame.schedule();
    });
    this.follower = new LineFollower(this.store, {
      changed: () => this.#frame.schedule(),
      refused: (problem) => {
        this.refusal.value = problem.message;
      },
    });
  }

  /** Show other lines. */
  show(view: View): void {
    const before = this.#view;
    this.#view = view;
    if (before.typed !== view.typed) {
      this.query = readQuery(view.typed);
      this.search.begin(this.query, this.store.lines);
    }
    if (before.ids !== view.ids) this.list.reset(this.store.lines);
    else this.list.filter();
    this.#draw();
  }

  /** Whether lines are hidden that are not found. */
  get isFiltered(): boolean {
    return this.#view.onlyFound && isSearching(this.query);
  }

  /** Keep the newest lines in view, or what is there now. */
  follow(follows: boolean): void {
    if (this.follows.peek() === follows) return;
    this.#listedWhenPaused = this.list.listed;
    this.follows.value = follows;
    this.#draw();
  }

  /** How many lines have come since they are no longer followed. */
  get newLines(): number {
    return this.follows.peek() ? 0 : this.list.listed - this.#listedWhenPaused;
  }

  /** Hide all lines that there are. */
  clear(): void {
    this.clearedAt.value = this.store.lines.at(-1)?.time ?? 0;
    this.list.reset(this.store.lines);
    this.#draw();
  }

  /** Show what was cleared. */
  restore(): void {
    this.clearedAt.value = 0;
    this.list.reset(this.store.lines);
    this.#draw();
  }

  /** Fold or unfold a row. */
  unfold(row: Row, unfolded: boolean): void {
    row.unfolded = unfolded;
    this.list.touch(row);
    this.#draw();
  }

  /** Show a long line whole. */
  showWhole(row: Row): void {
    row.isWhole = true;
    this.list.touch(row);
    this.#draw();
  }

  #lists(line: StoredLine): boolean {
    const { ids } = this.#view;
    return (ids === null || ids.has(line.log.id)) && line.time > this.clearedAt.peek();
  }

  #shows(row: Row): boolean {
    if (row.head.lost > 0) return true;
    if (!this.#view.levels.has(shownLevel(row.level))) return false;
    return !this.isFiltered || row.isFound(this.search.search);
  }

  /** Take what has come since the last frame into the list. */
  #flush(): void {
    const fresh = this.store.takeFresh();
    this.search.feed(fresh);
    const now = Date.now() / 1000;
    // Lines of before, as the page loads them, are no flood.
    this.#rate.add(fresh.filter((line) => line.time > now - LIVE).length, now);
    if (this.#revision === this.store.revision) for (const line of fresh) this.list.push(line);
    else this.list.reset(this.store.lines);
    if (this.#revision !== this.store.revision && isSearching(this.query)) this.#searchAnew();
    this.#revision = this.store.revision;
    if (this.store.compact()) {
      this.list.dropOld();
      if (this.search.isOutgrown(this.store.lines.length)) this.#searchAnew();
    }
    if (this.#isFilterOld) this.list.filter();
    this.#isFilterOld = false;
    this.list.mend();
    this.#drawSoon(this.#tellSampled());
  }

  /** Say whether a sample is drawn, and look again later, as nothing may come any more; whether lines come too fast. */
  #tellSampled(): boolean {
    const isFast = this.#rate.at(Date.now() / 1000) > READABLE;
    this.isSampled.value = this.follows.peek() && isFast;
    clearTimeout(this.#again);
    if (isFast) this.#again = setTimeout(() => this.#tellSampled(), 1000);
    return isFast;
  }

  #searchAnew(): void {
    this.search.end();
    this.search.begin(this.query, this.store.lines);
    this.#isFilterOld = true;
  }

  #drawSoon(isFast: boolean): void {
    const rest = this.#drawnAt + SAMPLE_EVERY - performance.now();
    if (!isFast || rest <= 0) this.#draw();
    else this.#later ??= setTimeout(() => this.#draw(), rest);
  }

  #draw(): void {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.#drawnAt = performance.now();
    this.version.value += 1;
  }
}

/** The console of this tab. */
export const lineConsole = new Console();
