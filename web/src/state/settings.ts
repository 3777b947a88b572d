import { effect } from "@preact/signals";
import { isBoolean, oneOf, stored } from "./place/stored";

/** Light, dark, or as the system has it. */
export type Theme = "system" | "light" | "dark";
/** How times of day are written: this machine's time or that of Greenwich. */
export type TimeFormat = "local" | "utc";
/** How high rows are. */
export type Density = "compact" | "roomy";

const THEMES: readonly Theme[] = ["system", "light", "dark"];

/** The colours of the page. */
export const theme = stored<Theme>("fairlead.theme", "system", oneOf(...THEMES));
/** How times are written. */
export const timeFormat = stored<TimeFormat>("fairlead.time", "local", oneOf("local", "utc"));
/** How high rows are. */
export const density = stored<Density>("fairlead.density", "compact", oneOf("compact", "roomy"));
/** Whether single letters are keys. */
export const singleKeys = stored("fairlead.keys", true, isBoolean);

/** The theme that comes next when the button is pressed. */
export function nextTheme(now: Theme): Theme {
  return THEMES[(THEMES.indexOf(now) + 1) % THEMES.length] ?? "system";
}

/** Let the document show the theme and the density. */
export function applySettings(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === "system") delete dataset.theme;
    else dataset.theme = theme.value;
    dataset.density = density.value;
  });
}
