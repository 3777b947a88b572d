/** Where a key leads in a list that goes round; undefined for a key that does not move.
 * @param key As the browser calls it.
 * @param at The index that has the focus, -1 where none has.
 * @param count How many entries there are. */
export function movedIndex(key: string, at: number, count: number): number | undefined {
  if (count === 0) return undefined;
  switch (key) {
    case "ArrowDown":
      return (at + 1) % count;
    case "ArrowUp":
      return at <= 0 ? count - 1 : at - 1;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return undefined;
  }
}
