import type { Gap, Line, OpenLine } from "../../../api/schema";
import { merged } from "./merged";
import { type ResourceLines, StoredLine, type Writer } from "./storedLine";

/** How many lines of each resource are kept, as many as the host keeps. */
export const KEPT_LINES = 10_000;

/** What `GET /api/logs` tells. */
export type LogRecord = Line | Gap | OpenLine;

/** Lines are taken out of the list in portions of at least so many. */
const DROP_AT_ONCE = 2000;

/** The lines of all resources that were followed, in the order in which they were written; of each the newest 10,000. */
export class LineStore {
  #logs = new Map<string, ResourceLines>();
  #writers = new Map<string, Writer>();
  #open = new Map<Writer, StoredLine>();
  #lines: StoredLine[] = [];
  #fresh: StoredLine[] = [];
  #droppable = 0;
  #received = 0;
  /** Rises when lines came before others, or were taken out: the rows have to be made anew. */
  revision = 0;

  /** All lines, in order. */
  get lines(): readonly StoredLine[] {
    return this.#lines;
  }

  /** How many lines have come so far, those that were dropped too. */
  get received(): number {
    return this.#received;
  }

  /** The lines that have no end yet, such as prompts and progress bars. */
  get open(): readonly StoredLine[] {
    return [...this.#open.values()];
  }

  /** What is kept of a resource. */
  log(id: string): ResourceLines {
    const known = this.#logs.get(id);
    if (known) return known;
    const log: ResourceLines = { id, first: 1, last: 0, isComplete: false };
    this.#logs.set(id, log);
    return log;
  }

  /** Take what a stream tells; lines that are known already change nothing. */
  add(records: readonly LogRecord[]): void {
    for (const record of records) {
      if (record.kind === "open") this.#addOpen(record);
      else if (record.kind === "gap") this.#append(this.#gap(record));
      else this.#addLine(record);
    }
  }

  /** Take the lines of one resource from before the stream began. */
  addEarlier(id: string, records: readonly LogRecord[]): void {
    const log = this.log(id);
    log.isComplete = true;
    const oldest = this.#oldest(log);
    const earlier = records.filter(
      (record): record is Line => record.kind === "line" && record.number < oldest,
    );
    if (earlier.length === 0) return;
    log.first = Math.max(earlier[0]?.number ?? 1, log.last - KEPT_LINES + 1);
    log.last = Math.max(log.last, earlier.at(-1)?.number ?? 0);
    const lines = earlier
      .filter((record) => record.number >= log.first)
      .map((line) => this.#stored(line, log));
    this.#received += lines.length;
    this.#lines = merged(this.#lines, lines);
    this.revision += 1;
  }

  /** A connection begins: it tells of all open lines anew. */
  connect(): void {
    this.#open.clear();
  }

  /** Forget a resource that was not followed for a while, so that it is fetched whole. */
  forget(id: string): void {
    const log = this.#logs.get(id);
    if (!log) return;
    this.#logs.delete(id);
    this.#lines = this.#lines.filter((line) => line.log !== log);
    this.revision += 1;
  }

  /** The lines that have come since this was last asked. */
  takeFresh(): readonly StoredLine[] {
    const fresh = this.#fresh;
    this.#fresh = [];
    return fresh;
  }

  /** Take lines out that are beyond what is kept, when there are enough of them. Returns whether it did. */
  compact(): boolean {
    if (this.#droppable < Math.max(DROP_AT_ONCE, this.#lines.length / 8)) return false;
    this.#lines = this.#lines.filter((line) => !line.isDropped);
    this.#droppable = 0;
    return true;
  }

  #addLine(record: Line): void {
    const log = this.log(record.resource);
    if (record.number <= log.last) return;
    if (log.last === 0) log.first = record.number;
    if (record.number === 1) log.isComplete = true;
    log.last = record.number;
    const first = log.last - KEPT_LINES + 1;
    if (first > log.first) {
      this.#droppable += first - log.first;
      log.first = first;
    }
    const line = this.#stored(record, log);
    this.#open.delete(line.writer);
    this.#received += 1;
    this.#append(line);
  }

  #addOpen(record: OpenLine): void {
    const log = this.log(record.resource);
    const writer = this.#writer(record.resource, record.stream, record.source);
    if (record.text === "") this.#open.delete(writer);
    else this.#open.set(writer, new StoredLine(log, writer, log.last + 1, record.time, record.text, null));
  }

  #append(line: StoredLine): void {
    this.#lines.push(line);
    this.#fresh.push(line);
  }

  #gap(record: Gap): StoredLine {
    const log = this.log(record.resource);
    const writer = this.#writer(record.resource, "system", null);
    const time = this.#lines.at(-1)?.time ?? 0;
    return new StoredLine(log, writer, log.last + 1, time, "", null, record.lost);
  }

  #stored(record: Line, log: ResourceLines): StoredLine {
    const writer = this.#writer(record.resource, record.stream, record.source);
    return new StoredLine(log, writer, record.number, record.time, record.text, record.level);
  }

  #writer(resource: string, stream: Writer["stream"], source: string | null): Writer {
    const key = `${resource}\n${stream}\n${source ?? ""}`;
    const known = this.#writers.get(key);
    if (known) return known;
    const writer: Writer = { resource, stream, source };
    this.#writers.set(key, writer);
    return writer;
  }

  /** The number of the oldest line that is known of a resource; beyond all where there is none. */
  #oldest(log: ResourceLines): number {
    return log.last === 0 ? Number.POSITIVE_INFINITY : log.first;
  }
}
