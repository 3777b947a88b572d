import { media } from "../../../state/media";
import { theme } from "../../../state/settings";

/** A token that charts are drawn in. */
export type ChartToken = `s${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}` | "sx" | "line" | "text-3";
/** The colours of the theme that is shown. */
export type Colours = Readonly<Record<ChartToken, string>>;

const known = new Map<string, Colours>();

/** The colours of the theme, as a canvas takes them: a canvas knows no custom properties. */
export function chartColours(): Colours {
  const contrast = media("(prefers-contrast: more)").value;
  const forced = media("(forced-colors: active)").value;
  const key = [theme.value, media("(prefers-color-scheme: dark)").value, contrast, forced].join();
  const before = known.get(key);
  if (before) return before;
  const probe = document.body.appendChild(document.createElement("span"));
  const colour = (token: ChartToken) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    s0: colour("s0"),
    s1: colour("s1"),
    s2: colour("s2"),
    s3: colour("s3"),
    s4: colour("s4"),
    s5: colour("s5"),
    s6: colour("s6"),
    s7: colour("s7"),
    sx: colour("sx"),
    line: colour("line"),
    "text-3": colour("text-3"),
  };
  probe.remove();
  known.set(key, colours);
  return colours;
}
