import { shortNumber, unitScale } from "../units";

/** A line of the scale of values. */
export interface ValueTick {
  value: number;
  label: string;
}

/** The scale of values of a chart. */
export interface ValueScale {
  low: number;
  high: number;
  ticks: readonly ValueTick[];
}

const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next number upwards that is easy to read. */
export function roundUp(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const part = value / power;
  return (ROUND.find((round) => part <= round * (1 + 1e-9)) ?? 10) * power;
}

/** The scale that holds some values: from nothing, or from below it, to a round number in the unit that is written. */
export function valueScale(least: number, most: number, unit: string, instrument: string): ValueScale {
  const scale = unitScale(unit, instrument, Math.max(most, -least));
  const isPercent = scale.unit === "%" && most * scale.factor > 85 && most * scale.factor <= 100;
  const high = (isPercent ? 100 : roundUp(most * scale.factor)) / scale.factor;
  const low = least < 0 ? -roundUp(-least * scale.factor) / scale.factor : 0;
  const top = most <= 0 && least < 0 ? 0 : high;
  const label = (value: number) => shortNumber(value * scale.factor);
  const named = scale.unit === "" || scale.unit.startsWith("/") ? scale.unit : ` ${scale.unit}`;
  return {
    low,
    high: top,
    ticks: [
      { value: low, label: label(low) },
      { value: (low + top) / 2, label: label((low + top) / 2) },
      { value: top, label: label(top) + named },
    ],
  };
}
