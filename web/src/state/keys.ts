import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { singleKeys } from "./settings";

/** A key of the page that is shown. */
export interface KeyBinding {
  /** As the browser calls it, such as `f`, `Enter`, `Shift+N`; two keys one after the other as `g r`. */
  key: string;
  /** What it does, for the list of keys. */
  does: string;
  run: () => void;
}

/** The bindings that count now, those of the latest registration first. */
export const bindings = signal<readonly (readonly KeyBinding[])[]>([]);

/** How long the second of two keys may take, in milliseconds. */
const PAUSE = 1500;
let prefix = "";
let prefixTimer: ReturnType<typeof setTimeout> | undefined;

/** Let some keys count until the returned function is called. */
export function registerKeys(keys: readonly KeyBinding[]): () => void {
  bindings.value = [keys, ...bindings.peek()];
  return () => {
    bindings.value = bindings.peek().filter((each) => each !== keys);
  };
}

/** Let some keys count while a component is there: as soon as it can be seen, or a quick key would be lost. */
export function useKeys(keys: readonly KeyBinding[]): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(
    () =>
      registerKeys(keys.map((binding, index) => ({ ...binding, run: () => latest.current[index]?.run() }))),
    [keys.map((binding) => binding.key).join()],
  );
}

/** How a pressed key is spelled in a binding. */
export function spelling(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">,
): string {
  if (event.ctrlKey || event.metaKey) return `Ctrl+${event.key.toLowerCase()}`;
  if (event.altKey) return `Alt+${event.key}`;
  return event.shiftKey && /^[a-z]$/i.test(event.key) ? `Shift+${event.key.toUpperCase()}` : event.key;
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

function find(key: string): KeyBinding | undefined {
  for (const keys of bindings.value) {
    const binding = keys.find((each) => each.key === key);
    if (binding) return binding;
  }
  return undefined;
}

/** Whether a key is a single letter or sign, which can be switched off. */
function isSingle(key: string): boolean {
  return key.length === 1 || key.startsWith("Shift+") || key.includes(" ");
}

function pressed(event: KeyboardEvent): void {
  if (event.defaultPrevented) return;
  const key = spelling(event);
  const typing = isTyping(event.target);
  if (typing && !key.startsWith("Ctrl+") && key !== "Escape") return;
  const chord = prefix ? `${prefix} ${key}` : key;
  prefix = "";
  clearTimeout(prefixTimer);
  const binding = find(chord);
  if (binding && (singleKeys.value || !isSingle(chord))) {
    event.preventDefault();
    binding.run();
  } else if (key === "g" && singleKeys.value) {
    prefix = "g";
    prefixTimer = setTimeout(() => {
      prefix = "";
    }, PAUSE);
  }
}

/** Let keys count. */
export function startKeys(): void {
  document.addEventListener("keydown", pressed);
}
