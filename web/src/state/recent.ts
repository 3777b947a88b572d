import { stored } from "./place/stored";

/** How many are remembered. */
const KEPT = 5;

function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** The ids of the palette's entries that were used last, newest first. */
export const recentIds = stored<readonly string[]>("fairlead.recent", [], areTexts);

/** Remember that an entry was used. */
export function rememberEntry(id: string): void {
  if (id.startsWith("cause ") || id.startsWith("page ")) return;
  recentIds.value = [id, ...recentIds.value.filter((each) => each !== id)].slice(0, KEPT);
}
