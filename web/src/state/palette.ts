import { signal } from "@preact/signals";
import type { IconName } from "../components/marks/icons";
import type { Look } from "../components/marks/stateLook";

/** Something that the palette offers. */
export interface PaletteEntry {
  id: string;
  group: "Needs you" | "Recent" | "Commands" | "Resources" | "Pages";
  text: string;
  /** What is said of it, quietly. */
  hint: string;
  /** Words that find it too. */
  words?: string;
  icon?: IconName;
  look?: Look;
  /** The key that does the same. */
  key?: string;
  /** Why it is off; empty when it is not. */
  whyOff?: string;
  run: () => void;
}

/** Where entries come from, given what is typed. */
export type PaletteSource = (query: string) => readonly PaletteEntry[];

/** The sources; pages add theirs while they are shown. */
export const paletteSources = signal<readonly PaletteSource[]>([]);

/** Let a source count until the returned function is called. */
export function registerPaletteSource(source: PaletteSource): () => void {
  paletteSources.value = [...paletteSources.peek(), source];
  return () => {
    paletteSources.value = paletteSources.peek().filter((each) => each !== source);
  };
}

/** How well a text fits what is typed: 0 not at all, more is better. The beginning of a word counts more than its
 * middle. */
export function fitness(text: string, query: string): number {
  const at = text.toLowerCase().indexOf(query.toLowerCase());
  if (at < 0) return 0;
  if (at === 0) return 3;
  return /[\s\-_./]/.test(text[at - 1] ?? "") ? 2 : 1;
}

/** The entries that fit, best first within their groups, the groups in their order. */
export function fitting(entries: readonly PaletteEntry[], query: string): readonly PaletteEntry[] {
  const groups = ["Needs you", "Recent", "Commands", "Resources", "Pages"];
  const scored = entries.map((entry) => ({
    entry,
    score:
      query === ""
        ? 1
        : Math.max(fitness(entry.text, query) * 2, fitness(`${entry.words ?? ""} ${entry.hint}`, query)),
  }));
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => groups.indexOf(a.entry.group) - groups.indexOf(b.entry.group) || b.score - a.score)
    .map(({ entry }) => entry);
}
