/** Where a key leads from a row of a list that ends at both sides; null for a key that does not move.
 * @param key As the browser calls it.
 * @param at The row that has the focus.
 * @param count How many rows there are.
 * @param page How many rows a page up or down is; 0 where those keys do nothing. */
export function steppedIndex(key: string, at: number, count: number, page = 0): number | null {
  const last = count - 1;
  switch (key) {
    case "ArrowDown":
      return Math.min(at + 1, last);
    case "ArrowUp":
      return Math.max(at - 1, 0);
    case "Home":
      return 0;
    case "End":
      return last;
    case "PageDown":
      return page === 0 ? null : Math.min(at + page, last);
    case "PageUp":
      return page === 0 ? null : Math.max(at - page, 0);
    default:
      return null;
  }
}
