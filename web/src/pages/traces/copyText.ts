import { notify } from "../../state/notifications";

/** Copy a text to the clipboard, and say so.
 * @param what What it is, as the beginning of a sentence. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify({ tone: "ok", title: `${what} copied`, text });
  } catch {
    notify({
      tone: "bad",
      title: `${what} not copied`,
      text: `The browser allows no access to its clipboard: ${text}`,
    });
  }
}
