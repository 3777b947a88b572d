/** How many letters have to be put in, taken out or changed to make one text of another. */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The name that was most likely meant; undefined where none is near. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const wanted = text.trim().toLowerCase();
  const most = Math.max(1, Math.floor(wanted.length / 3));
  let best: { name: string; far: number } | undefined;
  for (const name of names) {
    const far = distance(wanted, name.toLowerCase());
    if (far <= most && (best === undefined || far < best.far)) best = { name, far };
  }
  return best?.name;
}
