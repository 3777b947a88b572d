import { expect, test } from "vitest";
import { type Branch, isFolded, withCalmFolded, withChoice, withOpened } from "./folds";

const calm: Branch = { key: "pg", troubled: false, openByDefault: false };
const troubled: Branch = { ...calm, troubled: true };

test("trouble opens itself, calm stays folded unless its default is open", () => {
  expect(isFolded(calm, new Map())).toBe(true);
  expect(isFolded(troubled, new Map())).toBe(false);
  expect(isFolded({ ...calm, openByDefault: true }, new Map())).toBe(false);
});

test("a branch that was folded while calm opens when trouble comes", () => {
  const choices = withChoice(new Map(), calm, true);
  expect([isFolded(calm, choices), isFolded(troubled, choices)]).toEqual([true, false]);
});

test("a branch that was folded in spite of its trouble stays folded", () => {
  expect(isFolded(troubled, withChoice(new Map(), troubled, true))).toBe(true);
});

test("what trouble has opened stays open when it is over", () => {
  const choices = withOpened(new Map(), [troubled]);
  expect(isFolded(calm, choices)).toBe(false);
  expect(withOpened(choices, [troubled])).toBe(choices);
});

test("folding what is calm leaves trouble open", () => {
  const other: Branch = { key: "api", troubled: true, openByDefault: true };
  const choices = withCalmFolded(new Map(), [{ ...calm, openByDefault: true }, other]);
  expect([isFolded({ ...calm, openByDefault: true }, choices), isFolded(other, choices)]).toEqual([
    true,
    false,
  ]);
});
