import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { toProblem } from "../api/problem";
import { notify } from "../state/notifications";
import { Button } from "./Button";

/** Milliseconds that the button tells that it has copied. */
const TOLD = 1600;

/** A button that copies a text, and tells so in its own place.
 * @param props.text The text, or how to get it, such as a secret that is fetched only for this. */
export function CopyButton(props: {
  label: string;
  text: string | (() => Promise<string>);
  /** Show the word *Copy* beside the icon. */
  worded?: boolean;
  whyOff?: string;
  tabIndex?: number;
}) {
  const copied = useSignal(false);
  const busy = useSignal(false);

  useEffect(() => {
    if (!copied.value) return;
    const timer = setTimeout(() => {
      copied.value = false;
    }, TOLD);
    return () => clearTimeout(timer);
  }, [copied.value]);

  async function copy(): Promise<void> {
    busy.value = true;
    try {
      const text = typeof props.text === "string" ? props.text : await props.text();
      await navigator.clipboard.writeText(text);
      copied.value = true;
    } catch (error) {
      notify({ tone: "bad", title: `${props.label} failed`, text: toProblem(error).message });
    } finally {
      busy.value = false;
    }
  }

  return (
    <>
      <Button
        label={props.label}
        icon={copied.value ? "check" : "copy"}
        iconOnly={!props.worded}
        small
        look="ghost"
        busy={busy.value}
        whyOff={props.whyOff}
        tabIndex={props.tabIndex ?? 0}
        onClick={() => void copy()}
      >
        {copied.value ? "Copied" : "Copy"}
      </Button>
      <span class="sr" role="status">
        {copied.value ? "Copied" : ""}
      </span>
    </>
  );
}
