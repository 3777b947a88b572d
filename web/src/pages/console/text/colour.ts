/** What is kept of a colour, so that it can be shown readable on a light and on a dark page: the lightness is the page's. */
export interface Tint {
  /** In degrees. */
  hue: number;
  /** In the measure of OKLCH: 0 is grey, 0.3 is vivid. */
  chroma: number;
}

function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** The tint of a colour; channels from 0 to 255. */
export function tintOf(red: number, green: number, blue: number): Tint {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const a = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const c = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const hue = (Math.atan2(c, a) * 180) / Math.PI;
  return { hue: Math.round((hue + 360) % 360), chroma: Math.round(Math.hypot(a, c) * 1000) / 1000 };
}

const STEPS = [0, 95, 135, 175, 215, 255];

/** The tint of a number of the palette of 256 colours, from 16 on; the first 16 are those of the theme. */
export function paletteTint(number: number): Tint {
  if (number >= 232) {
    const grey = 8 + (number - 232) * 10;
    return tintOf(grey, grey, grey);
  }
  const at = number - 16;
  const step = (place: number) => STEPS[Math.floor(at / place) % 6] ?? 0;
  return tintOf(step(36), step(6), step(1));
}
