import { paletteTint, type Tint, tintOf } from "./colour";

/** A piece of a line in one look. */
export interface Span {
  text: string;
  /** Such as `a1 a31`, bold and red; empty for a plain one. */
  classes: string;
  /** A colour beyond the sixteen of the theme. */
  colour: Tint | null;
  background: Tint | null;
}

const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
const CONTROLS = `\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f`;
/** Colours and weight in the first group; any other sequence, cut off ones too, and single control characters. */
const SEQUENCE = new RegExp(
  `${ESCAPE}\\[([\\d;:]*)m|${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]?|[\\]PX^_][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?|[ -/]*[0-~])?|[${CONTROLS}]+`,
  "g",
);
const NEEDS_WORK = new RegExp(`[${CONTROLS}]`);

/** A line without its control sequences. */
export function plainText(text: string): string {
  return NEEDS_WORK.test(text) ? text.replace(SEQUENCE, "") : text;
}

/** The look that sequences have chosen. */
class Look {
  #flags = new Set<number>();
  #colour: number | Tint | null = null;
  #background: number | Tint | null = null;

  /** Read the numbers of one sequence; those that are no colour, bold or dim change nothing. */
  read(parameters: string): void {
    const numbers = parameters.split(/[;:]/).map(Number);
    for (let at = 0; at < numbers.length; at += 1) {
      const code = numbers[at] ?? 0;
      if (code === 38 || code === 48) at += this.#extended(code, numbers.slice(at + 1), parameters);
      else this.#simple(code);
    }
  }

  span(text: string): Span {
    const classes = [...this.#flags].map((flag) => `a${flag}`);
    if (typeof this.#colour === "number") classes.push(`a${this.#colour}`);
    else if (this.#colour) classes.push("ax");
    if (typeof this.#background === "number") classes.push(`a${this.#background}`);
    else if (this.#background) classes.push("bx");
    return {
      text,
      classes: classes.join(" "),
      colour: typeof this.#colour === "number" ? null : this.#colour,
      background: typeof this.#background === "number" ? null : this.#background,
    };
  }

  #simple(code: number): void {
    if (code === 0) {
      this.#flags.clear();
      this.#colour = null;
      this.#background = null;
    } else if (code === 1 || code === 2 || code === 7) this.#flags.add(code);
    else if (code === 22) {
      this.#flags.delete(1);
      this.#flags.delete(2);
    } else if (code === 27) this.#flags.delete(7);
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) this.#colour = code;
    else if (code === 39) this.#colour = null;
    else if ((code >= 40 && code <= 47) || (code >= 100 && code <= 107)) this.#background = code;
    else if (code === 49) this.#background = null;
  }

  /** Read `5;n` or `2;r;g;b`; how many numbers that took. */
  #extended(code: number, rest: readonly number[], parameters: string): number {
    const [kind = 0] = rest;
    if (kind === 5) {
      this.#set(code, themed(rest[1] ?? 0, code));
      return 2;
    }
    if (kind !== 2) return rest.length;
    // With colons a number of the colour space may stand in front of the channels: 38:2::r:g:b.
    const skip = parameters.includes(":") && rest.length >= 5 ? 2 : 1;
    const [red = 0, green = 0, blue = 0] = rest.slice(skip, skip + 3);
    this.#set(code, tintOf(Math.min(red, 255), Math.min(green, 255), Math.min(blue, 255)));
    return skip + 3;
  }

  #set(code: number, colour: number | Tint): void {
    if (code === 38) this.#colour = colour;
    else this.#background = colour;
  }
}

/** A number of the palette: one of the theme's sixteen, or a tint. */
function themed(number: number, code: number): number | Tint {
  if (number > 255) return code === 38 ? 37 : 40;
  if (number >= 16) return paletteTint(number);
  const base = code === 38 ? 30 : 40;
  return number < 8 ? base + number : base + 60 + number - 8;
}

/** A line in pieces of one look each; every control sequence but colours, bold, dim and reversed is dropped. */
export function ansiSpans(text: string): readonly Span[] {
  if (!NEEDS_WORK.test(text)) return [{ text, classes: "", colour: null, background: null }];
  const look = new Look();
  const spans: Span[] = [];
  let from = 0;
  for (const match of text.matchAll(SEQUENCE)) {
    if (match.index > from) spans.push(look.span(text.slice(from, match.index)));
    from = match.index + match[0].length;
    if (match[1] !== undefined) look.read(match[1]);
  }
  if (from < text.length) spans.push(look.span(text.slice(from)));
  return spans;
}
