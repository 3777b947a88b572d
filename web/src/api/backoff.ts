const FIRST = 0.5;
const MOST = 15;

/** Seconds until the next try: doubling from half a second to 15 s, each shortened by up to a half at random.
 * @param failures How many tries have failed in a row, from 1.
 * @param random From 0 to 1. */
export function backoff(failures: number, random: number = Math.random()): number {
  const whole = Math.min(MOST, FIRST * 2 ** (failures - 1));
  return whole * (1 - random / 2);
}
