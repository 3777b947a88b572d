import { describe, expect, it } from "vitest";
import { piecesOf, SHORT, shortened } from "./pieces";
import { rangesIn, readQuery } from "./query";

const E = String.fromCharCode(27);
const none = () => [];

describe("pieces of a line", () => {
  it("marks what is found across colours", () => {
    const query = readQuery("ab");
    const pieces = piecesOf(`x${E}[31ma${E}[0mb`, (plain) => rangesIn(plain, query));
    expect(pieces.map(({ text, classes, marked }) => [text, classes, marked])).toEqual([
      ["x", "", false],
      ["a", "a31", true],
      ["b", "", true],
    ]);
  });

  it("names characters that turn the direction of text", () => {
    const pieces = piecesOf("a\u202eb\u2066", none);
    expect(pieces.map(({ text, hidden }) => [text, hidden])).toEqual([
      ["a", false],
      ["U+202E", true],
      ["b", false],
      ["U+2066", true],
    ]);
  });

  it("shortens long lines, but not within a sequence", () => {
    expect(shortened("x".repeat(100_000))).toHaveLength(SHORT);
    expect(shortened(`${"x".repeat(SHORT - 2)}${E}[31my`)).toBe("x".repeat(SHORT - 2));
  });
});
