import type { Mark } from "../../../api/schema";

/** A mark on the scale of time, with its label where there is room for it. */
export interface PlacedMark {
  x: number;
  label: string;
  /** Whether the label stands at the left of its line. */
  left: boolean;
}

/** Place marks over so many pixels. Labels that would lie over each other are left out, the latest ones stay.
 * @param measure How wide a text is. */
export function placeMarks(
  marks: readonly Mark[],
  start: number,
  end: number,
  width: number,
  measure: (text: string) => number,
): readonly PlacedMark[] {
  const placed: PlacedMark[] = [];
  let free = width;
  for (const mark of [...marks].reverse()) {
    const x = ((mark.time - start) / (end - start)) * width;
    if (x < 0 || x > width) continue;
    const space = measure(mark.text) + 8;
    if (x <= free && x - space >= 0) {
      placed.push({ x, label: mark.text, left: true });
      free = x - space;
    } else if (x + space <= free) {
      placed.push({ x, label: mark.text, left: false });
      free = x;
    } else {
      placed.push({ x, label: "", left: true });
      free = Math.min(free, x);
    }
  }
  return placed.reverse();
}
