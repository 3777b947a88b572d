import { signal } from "@preact/signals";
import { ask } from "../../api/client";
import { RequestError } from "../../api/problem";
import type { Difference, Reload, WatchLine } from "../../api/schema";
import { notify } from "../notifications";
import { loadApp } from "./app";

/** The files of the definition that have changed since the run went by them. */
export const changedFiles = signal<readonly string[]>([]);
/** What differs, once it was asked for and as long as the files stay as they were then. */
export const differences = signal<readonly Difference[] | null>(null);
/** Whether the host is being asked. */
export const asking = signal(false);

let generation: number | null = null;

/** Take what the stream says of the definition; where the run goes by another one, what it says is loaded anew. */
export function takeDefinition(line: Extract<WatchLine, { kind: "definition" }>): void {
  const isAnother = generation !== null && generation !== line.generation;
  generation = line.generation;
  changedFiles.value = line.changed;
  differences.value = null;
  if (isAnother) loadApp().catch(() => undefined); // a connection that is lost loads it when it is back
}

/** One line for a mistake in the definition: where it is, what it is about, and what is wrong. */
export function mistakeLine(mistake: Reload["errors"][number]): string {
  const place = mistake.file ? `${mistake.file.split("/").pop()}:${mistake.line}: ` : "";
  return `${place}${mistake.resource ? `${mistake.resource}: ` : ""}${mistake.message}`;
}

/** One line for what differs in a resource. */
export function differenceLine(each: Difference): string {
  return `${each.name}: ${DEEDS[each.action] ?? each.action} (${each.parts.join(", ")})`;
}

const DEEDS: Readonly<Record<string, string>> = {
  start: "starts",
  offer: "is added, and starts on request",
  remove: "is stopped and removed",
  replace: "is replaced",
  restart: "starts again",
  update: "is updated while it goes on",
  later: "counts from its next start",
  nothing: "only charts are told",
};

/** Ask what differs. */
export async function showDifferences(): Promise<void> {
  const reload = await askReload(true);
  if (reload) differences.value = reload.differences;
}

/** Have the run go by the files as they are now. */
export async function reloadRun(): Promise<void> {
  const reload = await askReload(false);
  if (reload) {
    const text = reload.differences.map(differenceLine).join("\n") || "Nothing differs.";
    notify({ tone: "ok", title: "Reloaded", text });
  }
}

/** Ask for a reload; tells of mistakes and refusals, and returns null then. */
async function askReload(check: boolean): Promise<Reload | null> {
  asking.value = true;
  try {
    const reload = await ask("POST /api/reload", { body: { check } });
    if (reload.errors.length === 0) return reload;
    notify({
      tone: "bad",
      title: "The definition has mistakes; the run goes on as it is",
      text: reload.errors.map(mistakeLine).join("\n"),
    });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    notify({ tone: "bad", title: "Not reloaded", text: error.message });
  } finally {
    asking.value = false;
  }
  return null;
}
