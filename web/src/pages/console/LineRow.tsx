import { Component } from "preact";
import { counted, dateAndClock, preciseClock } from "../../state/format";
import { replace, siblingAddress } from "../../state/place/route";
import { lineConsole } from "./console";
import { LineText } from "./LineText";
import type { Row } from "./lines/rows";
import type { StoredLine } from "./lines/storedLine";
import { SHORT } from "./text/pieces";
import type { Query } from "./text/query";
import { lineTime, type TimeChoice } from "./times";
import { writerClass, writerName } from "./writerName";

/** What a row looks like, apart from the row itself; a row is drawn anew only when one of these changes. */
export interface RowLook {
  version: number;
  query: Query;
  time: TimeChoice;
  /** Whether it is the match, or the line of the link, that the reader is at. */
  isCurrent: boolean;
}

function levelWord(row: Row): string {
  if (row.head.lost > 0) return "gap";
  return row.head.isOwn ? "fairlead" : (row.level ?? "");
}

function rowClass(row: Row, isCurrent: boolean): string {
  const kind = row.head.lost > 0 ? "gapped" : row.head.isOwn ? "sys" : (row.level ?? "");
  return `lrow ${kind} ${isCurrent ? "current" : ""} ${writerClass(row.head.writer)}`;
}

/** The fragment of a link to a line. */
export function fragmentOf(line: StoredLine): string {
  return `L${line.log.id}:${line.number}`;
}

function Time({ line }: { line: StoredLine }) {
  const address = siblingAddress([], fragmentOf(line));
  return (
    <span role="cell" class="at">
      <a
        href={address}
        tabIndex={-1}
        title={`${dateAndClock(line.time)}. Link to this line.`}
        onClick={(event) => {
          event.preventDefault();
          replace(address);
        }}
      >
        <time>{lineTime(line.time)}</time>
      </a>
    </span>
  );
}

function Fold({ row }: { row: Row }) {
  const lines = counted(row.stack?.length ?? 0, "line");
  return (
    <button
      type="button"
      class="fold"
      tabIndex={-1}
      aria-expanded={row.isUnfolded}
      onClick={() => lineConsole.unfold(row, !row.isUnfolded)}
    >
      {row.isUnfolded ? `fold ${lines}` : `show ${lines}`}
    </button>
  );
}

function Repeats({ row }: { row: Row }) {
  if (row.count === 1) return <span role="cell" />;
  return (
    <span class="rep" role="cell">
      <button
        type="button"
        tabIndex={-1}
        aria-expanded={row.isUnfolded}
        aria-label={`The same line ${row.count} times, last at ${preciseClock(row.lastTime)}`}
        title={`The same line ${row.count} times, last at ${preciseClock(row.lastTime)}`}
        onClick={() => lineConsole.unfold(row, !row.isUnfolded)}
      >
        ×{row.count.toLocaleString("en")}
      </button>
    </span>
  );
}

function Again({ row }: { row: Row }) {
  const times = row.again ?? [];
  const more = row.count - 1 - times.length;
  return (
    <div class="again">
      Again at {times.map(lineTime).join(", ")}
      {more > 0 && `, and ${counted(more, "time")} before`}
    </div>
  );
}

function Stack({ lines, query }: { lines: readonly StoredLine[]; query: Query }) {
  return (
    <div class="trace-lines">
      {lines.map((line) => (
        <div key={line.number}>
          <LineText text={line.text} query={query} isWhole={false} />
        </div>
      ))}
    </div>
  );
}

function Text({ row, query }: { row: Row; query: Query }) {
  const { head } = row;
  if (head.lost > 0)
    return (
      <>
        {counted(head.lost, "line")} {head.lost === 1 ? "was" : "were"} lost here
      </>
    );
  return (
    <>
      <LineText text={head.text} query={query} isWhole={row.isWhole} />
      {!row.isWhole && head.text.length > SHORT && (
        <>
          {"… "}
          <button type="button" class="fold" tabIndex={-1} onClick={() => lineConsole.showWhole(row)}>
            show all {counted(head.text.length, "character")}
          </button>
        </>
      )}
      {row.stack && (
        <>
          {" "}
          <Fold row={row} />
        </>
      )}
      {row.isUnfolded && row.stack && <Stack lines={row.stack} query={query} />}
      {row.isUnfolded && row.again && <Again row={row} />}
    </>
  );
}

/** A row of the console. */
export class LineRow extends Component<{ row: Row; look: RowLook }> {
  override shouldComponentUpdate(next: { row: Row; look: RowLook }): boolean {
    const { row, look } = this.props;
    return (
      row !== next.row ||
      look.version !== next.look.version ||
      look.query !== next.look.query ||
      look.time !== next.look.time ||
      look.isCurrent !== next.look.isCurrent
    );
  }

  override render() {
    const { row, look } = this.props;
    const name = writerName(row.head.writer);
    return (
      <div class={rowClass(row, look.isCurrent)} role="row" aria-rowindex={row.index + 1}>
        <Time line={row.head} />
        <span class="who" role="cell" title={name}>
          {name}
        </span>
        <span class="lv" role="cell">
          {levelWord(row)}
        </span>
        <div class="tx" role="cell">
          <Text row={row} query={look.query} />
        </div>
        <Repeats row={row} />
      </div>
    );
  }
}

/** A line that has no end yet. */
export function OpenRow({ line }: { line: StoredLine }) {
  const name = writerName(line.writer);
  return (
    <div class={`lrow open ${writerClass(line.writer)}`} role="row">
      <time role="cell" title={dateAndClock(line.time)}>
        {lineTime(line.time)}
      </time>
      <span class="who" role="cell" title={name}>
        {name}
      </span>
      <span class="lv" role="cell">
        open
      </span>
      <div class="tx" role="cell">
        <LineText text={line.text} query={{ kind: "none" }} isWhole={false} />
        <i class="caret" />
      </div>
      <span role="cell" />
    </div>
  );
}
