import { computed, signal } from "@preact/signals";
import { ask } from "../../api/client";
import { toProblem } from "../../api/problem";
import type { Snapshot } from "../../api/schema";
import { Fetched } from "../../state/fetched";
import { notify } from "../../state/notifications";
import { resources } from "../../state/run/resources";

/** All parameters as the host tells of them. */
export const parameterList = new Fetched(() => ask("GET /api/parameters"));

function mark({ type, version, state, starts, waits }: Snapshot): string {
  return type === "Parameter"
    ? String(version)
    : `${state}${starts}/${waits.filter((wait) => wait.satisfied).length}`;
}

/** Changes whenever the list of parameters may have changed: a value, or what its users do. */
export const listVersion = computed(() =>
  resources
    .all()
    .filter((each) => each.origin === "declared")
    .map(mark)
    .join(),
);

/** Milliseconds that a secret stays in view. */
const SHOWN = 30_000;
let hideTimer: ReturnType<typeof setTimeout> | undefined;

/** The one secret that is in view. */
export const revealed = signal<{ name: string; value: string } | null>(null);

/** The value of a parameter in clear; the request is in its log. */
export async function secretValue(name: string): Promise<string> {
  return (await ask("POST /api/parameters/{name}/reveal", { path: { name } })).value;
}

/** Take the secret that is in view out of it. */
export function hideSecret(): void {
  clearTimeout(hideTimer);
  revealed.value = null;
}

/** Show a secret for 30 s, in the place of the one that is shown; if it is shown itself, hide it. */
export async function toggleSecret(name: string): Promise<void> {
  const isShown = revealed.peek()?.name === name;
  hideSecret();
  if (isShown) return;
  try {
    revealed.value = { name, value: await secretValue(name) };
    hideTimer = setTimeout(hideSecret, SHOWN);
  } catch (error) {
    notify({ tone: "bad", title: `${name} can't be revealed`, text: toProblem(error).message });
  }
}

/** What is said to a screen reader when something was done. */
export const announcement = signal("");

/** Give a parameter a value.
 * @param keep Whether to store it for later runs. */
export async function setValue(name: string, value: string, keep: boolean): Promise<void> {
  await ask("POST /api/parameters/{name}", { path: { name }, body: { value, store: keep } });
  if (revealed.peek()?.name === name) hideSecret();
  announcement.value = `${name} has a value.`;
  await parameterList.refresh();
}

/** Forget the stored values of some parameters, and tell what that means for the next run. */
export async function forgetValues(names: readonly string[]): Promise<void> {
  try {
    for (const name of names) {
      const { message } = await ask("POST /api/parameters/{name}/forget", { path: { name } });
      notify({ tone: "ok", title: `Forgot the stored value of ${name}`, text: message ?? "" });
    }
  } catch (error) {
    const { message, remedy } = toProblem(error);
    notify({ tone: "bad", title: "A stored value could not be forgotten", text: remedy ?? message });
  }
  await parameterList.refresh();
}

/** What a dialog asks about. */
export type Asked = { kind: "change"; name: string } | { kind: "forget"; names: readonly string[] } | null;

/** The dialog that is open. */
export const asked = signal<Asked>(null);
