import type { StoredLine } from "../lines/storedLine";
import { plainText } from "../text/ansi";
import { isSearching, matching, type Query } from "../text/query";
import type { SearchAnswer, SearchRequest } from "./messages";

/** Lines above which a worker searches, so that the page does not freeze. */
const SMALL = 5000;
/** Lines that are handed to the worker at once. */
const PORTION = 10_000;
/** Milliseconds without an answer after which a search is given up. */
const PATIENCE = 5000;

/** Finds lines, and marks those that it has found. Expressions are searched for by a worker, as some take for ever. */
export class LineSearch {
  readonly #found: () => void;
  #query: Query = { kind: "none" };
  #worker: Worker | null = null;
  /** The lines that the worker knows, in its order. */
  #known: StoredLine[] = [];
  #posted = 0;
  #answered = 0;
  #watchdog: ReturnType<typeof setTimeout> | undefined;
  #handOver: ReturnType<typeof setTimeout> | undefined;
  /** The number of the present search, which found lines carry. */
  search = 0;
  /** Whether the present search took too long and was given up. */
  isGivenUp = false;

  /** @param found Is called when further lines were found later than they came. */
  constructor(found: () => void) {
    this.#found = found;
  }

  /** Whether so many lines of those that it knows are dropped that it should begin anew. */
  isOutgrown(kept: number): boolean {
    return this.#known.length > 2 * kept + PORTION;
  }

  /** Whether it still searches. */
  get isBusy(): boolean {
    return this.#answered < this.#posted;
  }

  /** Search for something else. */
  begin(query: Query, lines: readonly StoredLine[]): void {
    this.search += 1;
    this.#query = query;
    this.isGivenUp = false;
    if (!isSearching(query)) this.end();
    else if (query.kind === "text" && lines.length <= SMALL) {
      this.end();
      this.#mark(lines);
    } else this.#ask(lines);
  }

  /** Search further lines too. */
  feed(lines: readonly StoredLine[]): void {
    if (!isSearching(this.#query) || this.isGivenUp || lines.length === 0) return;
    if (this.#worker) this.#add(lines);
    else this.#mark(lines);
  }

  /** Let the worker go. */
  end(): void {
    clearTimeout(this.#watchdog);
    clearTimeout(this.#handOver);
    this.#worker?.terminate();
    this.#worker = null;
    this.#known = [];
    this.#posted = 0;
    this.#answered = 0;
  }

  #mark(lines: readonly StoredLine[]): void {
    const texts = lines.map((line) => plainText(line.text));
    for (const place of matching(texts, this.#query)) {
      const line = lines[place];
      if (line) line.found = this.search;
    }
  }

  #ask(lines: readonly StoredLine[]): void {
    const isNew = this.#worker === null || this.isBusy;
    if (isNew) {
      this.end();
      this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      this.#worker.onmessage = ({ data }: MessageEvent<SearchAnswer>) => this.#take(data);
    }
    this.#post({ kind: "query", query: this.#query, search: this.search });
    if (isNew) this.#hand(lines, 0);
  }

  /** Hand over all lines in portions, with pauses for the page. */
  #hand(lines: readonly StoredLine[], from: number): void {
    const portion = lines.slice(from, from + PORTION);
    if (portion.length === 0) return;
    this.#add(portion);
    this.#handOver = setTimeout(() => this.#hand(lines, from + PORTION));
  }

  #add(lines: readonly StoredLine[]): void {
    for (const line of lines) this.#known.push(line);
    this.#post({ kind: "texts", texts: lines.map((line) => plainText(line.text)) });
  }

  #post(request: SearchRequest): void {
    this.#worker?.postMessage(request);
    this.#posted += 1;
    if (this.#posted === this.#answered + 1) this.#watch();
  }

  #watch(): void {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.end();
      this.isGivenUp = true;
      this.#found();
    }, PATIENCE);
  }

  #take(answer: SearchAnswer): void {
    this.#answered = answer.answered;
    clearTimeout(this.#watchdog);
    if (this.isBusy) this.#watch();
    if (answer.search !== this.search) return;
    for (const place of answer.places) {
      const line = this.#known[place];
      if (line) line.found = this.search;
    }
    this.#found();
  }
}
