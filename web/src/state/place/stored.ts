import { effect, type Signal, signal } from "@preact/signals";

/** A signal whose value stays when the page is loaded again; texts that were not written by this page are dropped.
 * @param key Its name in the browser's storage.
 * @param initial Its value where none is stored.
 * @param isValue Whether a stored value is one. */
export function stored<T>(key: string, initial: T, isValue: (value: unknown) => value is T): Signal<T> {
  const value = signal(readStored(key, isValue) ?? initial);
  effect(() => {
    localStorage.setItem(key, JSON.stringify(value.value));
  });
  return value;
}

function readStored<T>(key: string, isValue: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return isValue(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A check for a value that is one of some texts. */
export function oneOf<T extends string>(...choices: readonly T[]): (value: unknown) => value is T {
  return (value): value is T => choices.some((choice) => choice === value);
}

/** A check for a truth value. */
export function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

/** A check for a number. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}
