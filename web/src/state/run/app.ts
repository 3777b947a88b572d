import { computed, signal } from "@preact/signals";
import { ask } from "../../api/client";
import type { AppDocument, ModelDocument, ModelResource } from "../../api/schema";

/** What runs; null until it is known. */
export const app = signal<AppDocument | null>(null);
/** What the definition says; null until it is known. */
export const model = signal<ModelDocument | null>(null);

/** Ask what runs and what the definition says. */
export async function loadApp(): Promise<void> {
  const [record, document] = await Promise.all([ask("GET /api/app"), ask("GET /api/model")]);
  app.value = record;
  model.value = document;
}

/** Load the page anew if another run answers now: nothing of what is shown belongs to it. */
export async function checkRun(): Promise<void> {
  const before = app.peek();
  const record = await ask("GET /api/app");
  if (before !== null && before.run_id !== record.run_id) location.reload();
}

const byName = computed(
  (): ReadonlyMap<string, ModelResource> => new Map(model.value?.resources.map((each) => [each.name, each])),
);

/** What the definition says of a resource; undefined for an observed one. */
export function modelOf(name: string): ModelResource | undefined {
  return byName.value.get(name);
}
