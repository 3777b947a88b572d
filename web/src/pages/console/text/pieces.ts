import { ansiSpans, type Span } from "./ansi";
import type { Range } from "./query";

/** A piece of a line as it is drawn: in one look, marked or not. */
export interface Piece extends Span {
  marked: boolean;
  /** Whether it stands for a character that must not be drawn, such as one that turns the direction of text. */
  hidden: boolean;
}

/** Characters that would change how others are drawn: directions, and separators of lines and paragraphs. */
const INVISIBLE = /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function named(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}`;
}

function* cut(span: Span, at: number, ranges: readonly Range[]): Generator<Piece> {
  let from = 0;
  const end = at + span.text.length;
  for (const range of ranges) {
    if (range.to <= at || range.from >= end) continue;
    const begin = Math.max(0, range.from - at);
    const stop = Math.min(span.text.length, range.to - at);
    if (begin > from) yield { ...span, text: span.text.slice(from, begin), marked: false, hidden: false };
    yield { ...span, text: span.text.slice(begin, stop), marked: true, hidden: false };
    from = stop;
  }
  if (from < span.text.length) yield { ...span, text: span.text.slice(from), marked: false, hidden: false };
}

function* revealed(piece: Piece): Generator<Piece> {
  let from = 0;
  for (const match of piece.text.matchAll(INVISIBLE)) {
    if (match.index > from) yield { ...piece, text: piece.text.slice(from, match.index) };
    yield { ...piece, text: named(match[0]), hidden: true };
    from = match.index + 1;
  }
  if (from < piece.text.length) yield { ...piece, text: piece.text.slice(from) };
}

/** The pieces of a line.
 * @param text The line with its colours.
 * @param find Tells the stretches of the plain text that are marked. */
export function piecesOf(text: string, find: (plain: string) => readonly Range[]): readonly Piece[] {
  const spans = ansiSpans(text);
  const ranges = find(spans.map((span) => span.text).join(""));
  const pieces: Piece[] = [];
  let at = 0;
  for (const span of spans) {
    for (const piece of cut(span, at, ranges)) pieces.push(...revealed(piece));
    at += span.text.length;
  }
  return pieces;
}

/** Characters of a line that are drawn before it is asked for whole. */
export const SHORT = 2000;

const ESCAPE = String.fromCharCode(27);

/** The beginning of a long line, not cut within a sequence. */
export function shortened(text: string): string {
  if (text.length <= SHORT) return text;
  const cut = text.slice(0, SHORT);
  const last = cut.lastIndexOf(ESCAPE);
  return last > SHORT - 30 && !cut.slice(last).includes("m") ? cut.slice(0, last) : cut;
}
