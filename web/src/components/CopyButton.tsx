import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { toProblem } from "../api/problem";
import { notify } from "../state/notifications";
import { Button } from "./Button";

/** Milliseconds that the button tells that it has copied. */
const TOLD = 1600;

/** Copy a text; whether it worked. A failure is told as a notification.
 * @param label What was asked for, such as *Copy region*. */
export async function copyText(label: string, text: string | (() => Promise<string>)): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(typeof text === "string" ? text : await text());
    return true;
  } catch (error) {
    notify({ tone: "bad", title: `${label} failed`, text: toProblem(error).message });
    return false;
  }
}

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
    copied.value = await copyText(props.label, props.text);
    busy.value = false;
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
