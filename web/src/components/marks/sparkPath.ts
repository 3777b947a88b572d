/** The line of a sparkline over its width; empty with fewer than two values.
 * @param values Oldest first.
 * @param most The value at the upper edge; the greatest of the values at least.
 * @param slots How many values fill the width; fewer stand at its right. */
export function sparkPath(
  values: readonly number[],
  width: number,
  height: number,
  most = 0,
  slots = values.length,
): string {
  if (values.length < 2) return "";
  const top = Math.max(most, ...values) || 1;
  const step = width / (Math.max(slots, values.length) - 1);
  const left = width - step * (values.length - 1);
  const points = values.map((value, index) => {
    const y = height - 1.5 - (Math.max(0, value) / top) * (height - 3);
    return `${(left + index * step).toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join("L")}`;
}
