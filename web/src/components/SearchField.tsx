import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { setQuery } from "../state/place/route";
import { Field } from "./Field";

/** Milliseconds after the last letter before the host is asked. */
const PAUSE = 200;

/** The search of a page that asks the host: what is typed becomes `q` of the address after a moment. */
export function SearchField(props: { label: string; placeholder: string; text: string; class: string }) {
  const draft = useSignal(props.text);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    draft.value = props.text;
  }, [props.text]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Field
      label={props.label}
      placeholder={props.placeholder}
      icon="search"
      hint="/"
      class={props.class}
      value={draft.value}
      onInput={(value) => {
        draft.value = value;
        clearTimeout(timer.current);
        timer.current = setTimeout(() => setQuery({ q: value.trim() }), PAUSE);
      }}
    />
  );
}
