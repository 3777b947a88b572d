import type { LineStream, LogLevel } from "../../../api/schema";
import type { Row } from "./rows";

/** Who writes: a part of a resource to a stream. One object for each, so that lines are small. */
export interface Writer {
  readonly resource: string;
  readonly stream: LineStream;
  /** A replica, pod or container; null where the resource has no parts. */
  readonly source: string | null;
}

/** A line as the page keeps it. */
export class StoredLine {
  readonly log: ResourceLines;
  readonly writer: Writer;
  /** Its place in the log of its resource. */
  readonly number: number;
  /** In seconds since 1970. */
  readonly time: number;
  readonly text: string;
  readonly level: LogLevel | null;
  /** How many lines are missing here; 0 for a line. */
  readonly lost: number;
  /** The row that it is shown in, if that row is still in the list. */
  row: Row | null = null;
  /** The number of the search that has found it. */
  found = 0;

  constructor(
    log: ResourceLines,
    writer: Writer,
    number: number,
    time: number,
    text: string,
    level: LogLevel | null,
    lost = 0,
  ) {
    this.log = log;
    this.writer = writer;
    this.number = number;
    this.time = time;
    this.text = text;
    this.level = level;
    this.lost = lost;
  }

  /** Whether it was dropped, as only so many of its resource are kept. */
  get isDropped(): boolean {
    return this.number < this.log.first;
  }

  /** Whether it is one of Fairlead itself. */
  get isOwn(): boolean {
    return this.writer.stream === "system" || this.writer.stream === "state";
  }
}

/** What is kept of one resource. */
export interface ResourceLines {
  readonly id: string;
  /** The number of its oldest line; lines before it are dropped. */
  first: number;
  /** The number of its newest line; 0 before it has any. */
  last: number;
  /** Whether the lines from before the stream began were fetched. */
  isComplete: boolean;
}
