import type { LogView } from "../../api/schema";
import { levelLook } from "../../components/marks/levelLook";
import { Shape } from "../../components/marks/Shape";
import { dateAndClock, preciseClock } from "../../state/format";
import { type Column, columnText } from "./columns";
import { Message } from "./Message";
import { senderClass, senderName, traceAddress } from "./words";

function Cell({ entry, column }: { entry: LogView; column: Column }) {
  const text = columnText(entry, column);
  return (
    <span role="gridcell" class="cell cut hide" title={column === "trace" ? undefined : text}>
      {column === "trace" && entry.trace_id !== null ? (
        <a
          class="tid"
          tabIndex={-1}
          href={traceAddress(entry)}
          title="Open the trace in which this happened (x)"
          onClick={(event) => event.stopPropagation()}
        >
          {text}
        </a>
      ) : (
        text
      )}
    </span>
  );
}

/** The id of the element of an entry in the list. */
export function entryRowId(id: number): string {
  return `entry-${id}`;
}

/** An entry in the list. */
export function LogLine(props: {
  entry: LogView;
  shown: readonly Column[];
  template: string;
  isSelected: boolean;
  /** Whether it stands above the list, which may have it too. */
  isPinned?: boolean;
  index: number;
  onOpen: (id: number) => void;
}) {
  const { entry, shown } = props;
  const look = levelLook(entry.level);
  const name = senderName(entry);
  return (
    <div
      id={props.isPinned ? undefined : entryRowId(entry.id)}
      class={`lg ${senderClass(entry)}`}
      role="row"
      aria-rowindex={props.index + 2}
      aria-selected={props.isSelected}
      style={{ "--template": props.template }}
      onClick={() => props.onOpen(entry.id)}
      onKeyDown={(event) => {
        if (event.key === "Enter") props.onOpen(entry.id);
      }}
    >
      <time role="gridcell" title={dateAndClock(entry.time)}>
        {preciseClock(entry.time)}
      </time>
      <span role="gridcell" class={`lvl t-${look.tone}`}>
        <Shape name={look.shape} />
        {look.word}
      </span>
      <span role="gridcell" class="who cut" title={name}>
        {name}
      </span>
      <span role="gridcell" class="msg cut" title={entry.message}>
        <Message parts={entry.parts} />
      </span>
      {shown.map((column) => (
        <Cell key={column} entry={entry} column={column} />
      ))}
    </div>
  );
}
