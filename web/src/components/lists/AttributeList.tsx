import type { ComponentChildren } from "preact";
import type { AttributeView } from "../../api/schema";
import { KeyValueList } from "./KeyValueList";

/** Attributes of a record under a heading; nothing where there are none. */
export function AttributeList(props: {
  title: string;
  attributes: readonly AttributeView[];
  /** What stands behind an attribute, such as a button. */
  note?: (attribute: AttributeView) => ComponentChildren;
}) {
  if (props.attributes.length === 0) return null;
  return (
    <section>
      <h3>{props.title}</h3>
      <KeyValueList
        class="wraps"
        entries={props.attributes.map((attribute) => ({
          key: attribute.name,
          name: attribute.name,
          value: <span class="v">{attribute.value}</span>,
          note: props.note?.(attribute),
        }))}
      />
    </section>
  );
}
