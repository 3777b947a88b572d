import { expect, test } from "vitest";
import { readExport } from "./readExport";

test("an exported trace is read", () => {
  expect(readExport("t.json", '{"resourceSpans": [{}]}')).toEqual({ resourceSpans: [{}] });
});

test.each([
  ["{", "t.json is not JSON. An exported trace is a file with OTLP JSON."],
  ["[1]", "t.json holds no trace: it has no list resourceSpans."],
  ['{"resourceSpans": 1}', "t.json holds no trace: it has no list resourceSpans."],
  ['{"resourceSpans": [], "resourceLogs": 2}', "t.json holds no trace: it has no list resourceSpans."],
])("a file with %s is refused", (text, message) => {
  expect(() => readExport("t.json", text)).toThrow(message);
});
