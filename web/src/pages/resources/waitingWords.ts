/** Who waits for a cause, in a sentence; empty when nobody does. */
export function waitingWords(names: readonly string[]): string {
  const [first, second] = names;
  if (first === undefined) return "";
  if (second === undefined) return `${first} waits for it.`;
  if (names.length === 2) return `${first} and ${second} wait for it.`;
  return `${first}, ${second} and ${names.length - 2} more wait for it.`;
}
