/** The line of a sparkline over its width; empty with fewer than two values.
 * @param values Oldest first.
 * @param most The value at the upper edge; the greatest of the values at least. */
export function sparkPath(values: readonly number[], width: number, height: number, most = 0): string {
  if (values.length < 2) return "";
  const top = Math.max(most, ...values) || 1;
  const step = width / (values.length - 1);
  const points = values.map((value, index) => {
    const y = height - 1.5 - (Math.max(0, value) / top) * (height - 3);
    return `${(index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
