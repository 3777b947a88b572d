import type { LogView, MessagePart } from "../../api/schema";
import type { Filter } from "./filters";
import { addFilter } from "./words";

function filterOf({ attribute, text }: MessagePart): Filter {
  return attribute === null
    ? { name: "message", operator: "~", value: text }
    : { name: attribute, operator: "=", value: text };
}

function Value({ part }: { part: MessagePart }) {
  const filter = filterOf(part);
  const title =
    part.attribute === null
      ? `Only entries whose message contains ${part.text}`
      : `Only entries whose ${part.attribute} is ${part.text}`;
  return (
    <button
      type="button"
      class="value"
      tabIndex={-1}
      title={title}
      onClick={(event) => {
        event.stopPropagation();
        addFilter(filter);
      }}
    >
      {part.text}
    </button>
  );
}

/** The message of an entry, its values set apart: a click on one filters by it. */
export function Message({ parts }: Pick<LogView, "parts">) {
  return (
    <>
      {parts.map((part, at) =>
        part.value ? <Value key={at} part={part} /> : <span key={at}>{part.text}</span>,
      )}
    </>
  );
}
