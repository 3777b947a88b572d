import { expect, test } from "vitest";
import { envFile } from "./envFile";

const variable = { origin: "", origin_resource: null, secret: false };

test("values with blanks, quotes or lines are quoted, secrets are left out", () => {
  const text = envFile([
    { ...variable, name: "URL", value: "http://a:1/?q=b" },
    { ...variable, name: "TEXT", value: 'a "b" $c\n' },
    { ...variable, name: "KEY", value: "***", secret: true },
  ]);
  expect(text).toBe('URL="http://a:1/?q=b"\nTEXT="a \\"b\\" \\$c\\n"\n# KEY is secret\n');
});
