import { notify } from "./notifications";

/** Copy a text, and say so.
 * @param what What was copied, as the beginning of a sentence. */
export async function copy(text: string, what: string, note = ""): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notify({ tone: "ok", title: `${what} copied`, text: note });
  } catch {
    notify({
      tone: "bad",
      title: `${what} was not copied`,
      text: "The browser does not let this page use the clipboard.",
    });
  }
}
