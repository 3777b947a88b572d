import { useSignal } from "@preact/signals";
import type { Ref, TargetedEvent } from "preact";
import { Button } from "../../components/Button";

/** A field for the value of a parameter: masked if it is secret, with a button that shows it. A value of several lines,
 * such as a key in PEM, gets a field of several lines when it is pasted. */
export function ValueField(props: {
  id: string;
  value: string;
  secret: boolean;
  hint: string;
  problem: string;
  onInput: (value: string) => void;
  inputRef?: Ref<HTMLInputElement>;
  autofocus?: boolean;
}) {
  const { id, value, secret, problem } = props;
  const shown = useSignal(false);
  const isLong = value.includes("\n");
  const described = [props.hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""].join(" ").trim();
  const common = {
    id,
    value,
    autocomplete: "off",
    spellcheck: false,
    autofocus: props.autofocus,
    "aria-invalid": problem !== "" || undefined,
    "aria-describedby": described || undefined,
  } as const;

  function pasted(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!text.trimEnd().includes("\n")) return;
    event.preventDefault();
    props.onInput(text);
  }

  const line = {
    ...common,
    ref: props.inputRef,
    onPaste: pasted,
    onInput: (event: TargetedEvent<HTMLInputElement>) => props.onInput(event.currentTarget.value),
  };
  return (
    <div class="f">
      <label for={id}>Value</label>
      <div class={isLong ? "field long" : "field"}>
        {isLong ? (
          <textarea
            {...common}
            rows={Math.min(10, value.split("\n").length)}
            class={secret && !shown.value ? "masked" : ""}
            onInput={(event) => props.onInput(event.currentTarget.value)}
          />
        ) : secret && !shown.value ? (
          <input {...line} type="password" />
        ) : (
          <input {...line} type="text" />
        )}
        {secret && (
          <Button
            label={shown.value ? "Hide value" : "Show value"}
            icon="eye"
            iconOnly
            small
            look="ghost"
            pressed={shown.value}
            onClick={() => {
              shown.value = !shown.value;
            }}
          />
        )}
      </div>
      {props.hint && <small id={`${id}-hint`}>{props.hint}</small>}
      {problem && (
        <small id={`${id}-problem`} class="problem" role="alert">
          {problem}
        </small>
      )}
    </div>
  );
}
