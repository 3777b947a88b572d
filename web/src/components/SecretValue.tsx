import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { toProblem } from "../api/problem";
import { Button } from "./Button";

/** Seconds that a secret stays in view. */
const SHOWN = 30;
/** What stands in the place of a secret, of the same length for each. */
export const MASK = "••••••••";

/** A secret: masked, and shown for 30 s when it is asked for. The request is in the app's log. */
export function SecretValue({ name, reveal }: { name: string; reveal: () => Promise<string> }) {
  const value = useSignal<string | null>(null);
  const problem = useSignal("");
  const busy = useSignal(false);

  useEffect(() => {
    if (value.value === null) return;
    const timer = setTimeout(() => {
      value.value = null;
    }, SHOWN * 1000);
    return () => clearTimeout(timer);
  }, [value.value]);

  async function toggle(): Promise<void> {
    if (value.value !== null) {
      value.value = null;
      return;
    }
    busy.value = true;
    try {
      value.value = await reveal();
      problem.value = "";
    } catch (error) {
      problem.value = toProblem(error).message;
    } finally {
      busy.value = false;
    }
  }

  return (
    <span class="secret">
      <span class="v cut" title={value.value ?? "secret"}>
        {problem.value || (value.value ?? MASK)}
      </span>
      <Button
        label={value.value === null ? `Reveal ${name} for 30 s` : `Hide ${name}`}
        icon="eye"
        iconOnly
        small
        look="ghost"
        busy={busy.value}
        pressed={value.value !== null}
        onClick={() => void toggle()}
      />
    </span>
  );
}
