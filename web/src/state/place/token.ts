import { signal } from "@preact/signals";

const KEY = "fairlead.token";

/** The token of a fragment such as `#t=abc`; null where it has none. */
export function tokenOf(fragment: string): string | null {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("t") || null;
}

/** The token that requests carry; empty where none is known. */
export const token = signal("");

/** Take the token out of the address, or from where an earlier visit kept it. */
export function readToken(): void {
  const fresh = tokenOf(location.hash);
  if (fresh === null) {
    token.value = localStorage.getItem(KEY) ?? "";
    return;
  }
  token.value = fresh;
  localStorage.setItem(KEY, fresh);
  // Nobody who looks at the address, or gets it sent, gets the token.
  history.replaceState(history.state, "", location.pathname + location.search);
}
