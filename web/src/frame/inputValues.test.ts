import { expect, test } from "vitest";
import type { CommandInput, CommandView } from "../api/schema";
import { fieldProblem, initialFields, inputValues } from "./inputValues";

function input(fields: Partial<CommandInput> & { name: string }): CommandInput {
  return { label: "", kind: "text", required: false, default: null, choices: [], ...fields };
}

const COMMAND: CommandView = {
  name: "seed",
  display: "Seed",
  confirm: null,
  enabled: true,
  why_not: "",
  effects: [],
  loses_data: false,
  running_since: null,
  inputs: [
    input({ name: "rows", kind: "number", default: 5 }),
    input({ name: "mode", kind: "choice", choices: ["fast", "slow"], required: true }),
    input({ name: "dry", kind: "boolean", default: true }),
    input({ name: "note" }),
  ],
};

test("the fields begin with the defaults", () => {
  expect(initialFields(COMMAND)).toEqual({ rows: "5", mode: "fast", dry: "true", note: "" });
});

test("values are sent in their kinds, empty ones not at all", () => {
  expect(inputValues(COMMAND, { rows: "7", mode: "slow", dry: "", note: "" })).toEqual({
    rows: 7,
    mode: "slow",
    dry: false,
  });
});

test("what is needed or no number is said", () => {
  expect(fieldProblem(input({ name: "key", label: "API key", required: true }), "")).toBe(
    "API key is needed.",
  );
  expect(fieldProblem(input({ name: "rows", kind: "number" }), "x")).toBe("rows is a number, not “x”.");
  expect(fieldProblem(input({ name: "rows", kind: "number" }), "")).toBe("");
});
