import { describe, expect, it } from "vitest";
import { paletteTint, tintOf } from "./colour";

describe("tints", () => {
  it("tells hues apart", () => {
    expect(tintOf(255, 0, 0).hue).toBe(29);
    expect(tintOf(0, 0, 255).hue).toBe(264);
  });

  it("has no chroma for greys", () => {
    expect(tintOf(120, 120, 120).chroma).toBe(0);
    expect(paletteTint(240).chroma).toBe(0);
  });

  it("reads the cube of the palette", () => {
    expect(paletteTint(196)).toEqual(tintOf(255, 0, 0));
    expect(paletteTint(21)).toEqual(tintOf(0, 0, 255));
    expect(paletteTint(67)).toEqual(tintOf(95, 135, 175));
  });
});
