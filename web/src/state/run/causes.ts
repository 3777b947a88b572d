import { computed, signal } from "@preact/signals";
import type { Cause } from "../../api/schema";

/** What needs a person, worst first, as the host says. */
export const causes = signal<readonly Cause[]>([]);

/** The worst cause of each resource that has one, by the resource's id. */
export const causeOf = computed((): ReadonlyMap<string, Cause> => {
  const worst = new Map<string, Cause>();
  for (const cause of causes.value) if (!worst.has(cause.resource)) worst.set(cause.resource, cause);
  return worst;
});
