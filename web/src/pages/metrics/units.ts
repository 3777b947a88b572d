import type { PlotDocument } from "../../api/schema";
import { extent } from "./chart/extent";

/** How the values of an instrument are written: times a factor, in a unit that people use. */
export interface UnitScale {
  factor: number;
  unit: string;
}

const SECONDS: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  ms: 1e-3,
  s: 1,
  min: 60,
  h: 3600,
  d: 86400,
};
const BYTES: Readonly<Record<string, number>> = {
  By: 1,
  kBy: 1e3,
  MBy: 1e6,
  GBy: 1e9,
  KiBy: 1024,
  MiBy: 1024 ** 2,
  GiBy: 1024 ** 3,
};
const SIGNS: Readonly<Record<string, string>> = { Cel: "°C", bit: "bit", "1": "" };
const RATIO = /(utili[sz]ation|[._]ratio|percent(age)?)$/;

function timeScale(factor: number, most: number): UnitScale {
  const seconds = most * factor;
  if (seconds >= 7200) return { factor: factor / 3600, unit: "h" };
  if (seconds >= 120) return { factor: factor / 60, unit: "min" };
  if (seconds >= 1) return { factor, unit: "s" };
  if (seconds >= 1e-3 || seconds === 0) return { factor: factor * 1e3, unit: "ms" };
  return { factor: factor * 1e6, unit: "µs" };
}

function byteScale(factor: number, most: number): UnitScale {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let scale = factor;
  let at = 0;
  while (most * scale >= 1000 && at < units.length - 1) {
    scale /= 1024;
    at += 1;
  }
  return { factor: scale, unit: units[at] ?? "B" };
}

function scaleOf(unit: string, instrument: string, most: number): UnitScale {
  const seconds = SECONDS[unit];
  if (seconds !== undefined) return timeScale(seconds, most);
  const bytes = BYTES[unit];
  if (bytes !== undefined) return byteScale(bytes, most);
  if ((unit === "" || unit === "1") && RATIO.test(instrument)) return { factor: 100, unit: "%" };
  return { factor: 1, unit: SIGNS[unit] ?? unit.replace(/\{.*?\}/g, "") };
}

/** The unit that values of about a size are written in.
 * @param unit As the host says it: UCUM's, of a counter with `/s`.
 * @param instrument Its name, as a ratio has no unit of its own.
 * @param most The greatest value that is shown. */
export function unitScale(unit: string, instrument: string, most: number): UnitScale {
  if (!unit.endsWith("/s")) return scaleOf(unit, instrument, most);
  const counted = unit.slice(0, -2);
  if (counted in SECONDS) return { factor: (SECONDS[counted] ?? 1) * 100, unit: "%" };
  const scale = scaleOf(counted, "", most);
  if (scale.unit !== "" || most >= 1 || most === 0) return { ...scale, unit: `${scale.unit}/s` };
  return { factor: 60, unit: "/min" };
}

/** A number with three digits that matter: 0.12, 7.2, 184, 1,204, 1.2 M. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e9) return `${trimmed(value / 1e9)} G`;
  if (size >= 1e6) return `${trimmed(value / 1e6)} M`;
  if (size >= 1e5) return `${trimmed(value / 1e3)} k`;
  if (size >= 100) return Math.round(value).toLocaleString("en");
  return trimmed(value);
}

function trimmed(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001) return value.toExponential(1);
  return String(Number(value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3)));
}

/** What a value is a value of. */
export type Measure = Pick<PlotDocument, "unit" | "instrument" | "series">;

const greatest = new WeakMap<object, number>();

/** The greatest value of all lines, looked for once. */
function greatestOf(series: Measure["series"]): number {
  const known = greatest.get(series);
  if (known !== undefined) return known;
  const { least, most } = extent({ series });
  const value = Math.max(most, -least);
  greatest.set(series, value);
  return value;
}

/** How a value is written. The rates of one chart are all by the second, or all by the minute. */
function scaleFor(value: number, { unit, instrument, series }: Measure): UnitScale {
  return unitScale(unit, instrument, Math.max(Math.abs(value), unit.endsWith("/s") ? greatestOf(series) : 0));
}

/** A value of an instrument with its unit: the unit stands apart, so that it can be set smaller. */
export function valueText(value: number, measure: Measure): { number: string; unit: string } {
  const scale = scaleFor(value, measure);
  return { number: shortNumber(value * scale.factor), unit: scale.unit };
}

/** The same in one text: 7.2 %, 38/s, 1.01 s. */
export function valueWords(value: number, measure: Measure): string {
  const { number, unit } = valueText(value, measure);
  return unit === "" || unit.startsWith("/") ? `${number}${unit}` : `${number} ${unit}`;
}
