import type { LogLevel } from "../../../api/schema";
import { plainText } from "../text/ansi";
import { type TraceState, traceStep } from "./stackTrace";
import type { StoredLine, Writer } from "./storedLine";

/** A row of the console: a line with those like it, or with the stack trace that belongs to it. */
export class Row {
  readonly head: StoredLine;
  /** Its place among all rows, those that are not shown too; -1 when it is no longer one. */
  place = -1;
  /** Its place among those that are shown; -1 when it is not. */
  index = -1;
  /** The times at which the same line came again, the newest at the end; a hundred at most. */
  again: number[] | null = null;
  /** How many times the line came. */
  count = 1;
  /** The lines of the stack trace behind the first one. */
  stack: StoredLine[] | null = null;
  /** Whether it is unfolded, where the reader has decided. */
  unfolded: boolean | null = null;
  /** Whether a long line is shown whole. */
  isWhole = false;
  /** Rises when it has to be drawn anew. */
  version = 0;

  constructor(head: StoredLine) {
    this.head = head;
  }

  /** Its level: that of its first line, or that of its stack trace. */
  get level(): LogLevel | null {
    return this.head.level ?? this.stack?.find((line) => line.level !== null)?.level ?? null;
  }

  /** Whether its stack trace, or the times of its repetitions, are shown: a stack trace of an error is, unless the
   * reader has folded it. */
  get isUnfolded(): boolean {
    return this.unfolded ?? (this.stack !== null && this.level === "error");
  }

  /** When its last line came. */
  get lastTime(): number {
    return this.stack?.at(-1)?.time ?? this.again?.at(-1) ?? this.head.time;
  }

  /** Whether a search has found one of its lines. */
  isFound(search: number): boolean {
    return this.head.found === search || (this.stack?.some((line) => line.found === search) ?? false);
  }
}

/** So many rows behind a line its writer's next one may still fold into it, as other resources write in between. */
const REACH = 8;
const MOST_TIMES = 100;
const MOST_STACK = 500;
/** Seconds between a line and the stack trace that belongs to it. */
const SOON = 1;

interface Recent {
  row: Row;
  trace: TraceState;
}

/** Makes rows of lines, one line after the other: same lines in a row become one row, and stack traces do. */
export class RowFolder {
  #recent = new Map<Writer, Recent>();

  /** The row that a line becomes part of: one that was there, or a new one, which the caller puts at the end.
   * @param count How many rows there are. */
  fold(line: StoredLine, count: number): { row: Row; isNew: boolean } {
    const recent = line.lost > 0 ? undefined : this.#recent.get(line.writer);
    const row = (recent && this.#into(recent, line, count)) ?? null;
    if (row) {
      line.row = row;
      row.version += 1;
      return { row, isNew: false };
    }
    const made = new Row(line);
    line.row = made;
    const trace = recent?.trace ?? this.#begun(line);
    if (line.lost === 0) this.#recent.set(line.writer, { row: made, trace });
    return { row: made, isNew: true };
  }

  #begun(line: StoredLine): TraceState {
    return line.isOwn ? "none" : traceStep("none", plainText(line.text)).next;
  }

  #into(recent: Recent, line: StoredLine, count: number): Row | null {
    const { row } = recent;
    if (row.place < 0 || line.isOwn) return null;
    if (this.#joinsStack(recent, line, count)) {
      row.stack ??= [];
      row.stack.push(line);
      return row;
    }
    const isSame = row.stack === null && count - row.place <= REACH && row.head.text === line.text;
    if (!isSame || row.head.level !== line.level) return null;
    row.count += 1;
    row.again ??= [];
    row.again.push(line.time);
    if (row.again.length > MOST_TIMES) row.again.shift();
    return row;
  }

  #joinsStack(recent: Recent, line: StoredLine, count: number): boolean {
    const step = traceStep(recent.trace, plainText(line.text));
    recent.trace = step.next;
    if (step.does === "neither") return false;
    const { row } = recent;
    if (step.does === "joins") return (row.stack?.length ?? 0) < MOST_STACK;
    // A trace belongs to the line before it if that tells of an error, or is the message above lines of `at`.
    const introduces = row.head.level === "error" || step.next === "at";
    const isClose = count - row.place <= REACH && line.time - row.lastTime <= SOON;
    return introduces && isClose && row.count === 1 && row.stack === null;
  }
}
