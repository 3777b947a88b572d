import { expect, test } from "vitest";
import { effectPieces, effectShape } from "./effects";

test("what stops, what stays and what happens have their own shapes", () => {
  expect(["api and web stop first", "pg-password is kept", "migrate runs again"].map(effectShape)).toEqual([
    "stopped",
    "ok",
    "busy",
  ]);
});

test("names of resources are set apart, words that only hold them are not", () => {
  const names = new Set(["api", "pg-password"]);
  const marked = effectPieces("api stops, rapid pg-password stays", names).filter((piece) => piece.name);
  expect(marked.map((piece) => piece.text)).toEqual(["api", "pg-password"]);
});
