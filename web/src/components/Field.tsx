import type { Ref } from "preact";
import { Icon } from "./Icon";
import type { IconName } from "./icons";

/** A field for a line of text, such as a page's search. */
export function Field(props: {
  label: string;
  value: string;
  onInput: (value: string) => void;
  placeholder?: string;
  icon?: IconName;
  /** The key that leads to it. */
  hint?: string;
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
      {props.hint && props.value === "" && <kbd aria-hidden="true">{props.hint}</kbd>}
    </label>
  );
}
