/** The part of a limit in per cent, at most 100; null where one of them is not known. */
export function share(value: number | null, limit: number | null): number | null {
  if (value === null || limit === null || limit <= 0) return null;
  return Math.min(100, Math.max(0, (value / limit) * 100));
}
