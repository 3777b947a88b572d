import type { ComponentChildren } from "preact";

/** An entry of a list of names and values. */
export interface KeyValue {
  key: string;
  name: ComponentChildren;
  value: ComponentChildren;
  /** What stands at the right, small and quiet. */
  note?: ComponentChildren;
  /** Whether the value is set in the text face. */
  plain?: boolean;
}

/** Names and values, a line each. */
export function KeyValueList({
  entries,
  class: name = "",
}: {
  entries: readonly KeyValue[];
  class?: string;
}) {
  return (
    <ul class={`kv ${name}`}>
      {entries.map((entry) => (
        <li key={entry.key}>
          <span class="k cut" title={typeof entry.name === "string" ? entry.name : undefined}>
            {entry.name}
          </span>
          {typeof entry.value === "string" ? (
            <span class={`${entry.plain ? "plain quiet" : "v"} cut`} title={entry.value}>
              {entry.value}
            </span>
          ) : (
            entry.value
          )}
          {entry.note ? <small class="rt">{entry.note}</small> : <span />}
        </li>
      ))}
    </ul>
  );
}
