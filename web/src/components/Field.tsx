import type { ComponentChildren, Ref } from "preact";
import { Icon } from "./marks/Icon";
import type { IconName } from "./marks/icons";

/** A field for a line of text, such as a page's search. */
export function Field(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  icon?: IconName;
  /** The key that leads to it. */
  hint?: string;
  /** What stands at its end, such as how many were found. */
  after?: ComponentChildren;
  class?: string;
  inputRef?: Ref<HTMLInputElement>;
  onKeyDown?: (event: KeyboardEvent) => void;
}) {
  return (
    <label class={`field ${props.class ?? ""}`}>
      <span class="sr">{props.label}</span>
      {props.icon && <Icon name={props.icon} />}
      <input
        ref={props.inputRef}
        type="search"
        value={props.value}
        placeholder={props.placeholder}
        autocomplete="off"
        spellcheck={false}
        data-search={props.hint === "/" ? "" : undefined}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        onKeyDown={props.onKeyDown}
      />
      {props.after}
      {props.hint && props.value === "" && <kbd aria-hidden="true">{props.hint}</kbd>}
    </label>
  );
}
