import { describe, expect, it } from "vitest";
import { ansiSpans, plainText } from "./ansi";
import { tintOf } from "./colour";

const E = String.fromCharCode(27);
const looks = (text: string) => ansiSpans(text).map((span) => [span.text, span.classes]);

describe("colours of lines", () => {
  it("leaves a plain line whole", () => {
    expect(looks("GET / <b>200</b>")).toEqual([["GET / <b>200</b>", ""]]);
  });

  it("reads colours, weight and their ends", () => {
    expect(looks(`${E}[32mINFO${E}[0m: ${E}[1;31mno${E}[22m!${E}[39m?`)).toEqual([
      ["INFO", "a32"],
      [": ", ""],
      ["no", "a1 a31"],
      ["!", "a31"],
      ["?", ""],
    ]);
  });

  it("reads bright colours and backgrounds", () => {
    expect(looks(`${E}[97;41mx${E}[49my`)).toEqual([
      ["x", "a97 a41"],
      ["y", "a97"],
    ]);
  });

  it("reads the palette and true colours, also with colons", () => {
    expect(looks(`${E}[38;5;9mx`)).toEqual([["x", "a91"]]);
    expect(ansiSpans(`${E}[38;5;196mx`)[0]?.colour).toEqual(tintOf(255, 0, 0));
    expect(ansiSpans(`${E}[38;2;1;2;300;1mx`)[0]).toMatchObject({
      classes: "a1 ax",
      colour: tintOf(1, 2, 255),
    });
    expect(ansiSpans(`${E}[48:2::10:20:30mx`)[0]?.background).toEqual(tintOf(10, 20, 30));
  });

  it("drops what is no colour", () => {
    const hostile = `a${E}[2Jb${E}]0;title${String.fromCharCode(7)}c${E}[4md\u0000\u0008e${E}(Bf${E}`;
    expect(plainText(hostile)).toBe("abcdef");
    expect(
      ansiSpans(hostile)
        .map((span) => span.text)
        .join(""),
    ).toBe("abcdef");
  });

  it("keeps tabs", () => {
    expect(plainText("a\tb")).toBe("a\tb");
  });
});
