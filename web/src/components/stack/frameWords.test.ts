import { expect, test } from "vitest";
import { frameWords, tellingFrames } from "./frameWords";

test("a frame of Python is its place, its function and its code, without marks below", () => {
  const text = '  File "/home/me/shop/api/orders.py", line 88, in create\n    pool.get()\n    ^^^^^^^^';
  expect(frameWords({ text, file: "/home/me/shop/api/orders.py", line: 88, own: true })).toEqual({
    place: "api/orders.py:88",
    text: "create",
    code: "pool.get()",
  });
});

test("frames of other languages are as they are", () => {
  const text = "    at create (/app/orders.js:88:13)";
  expect(frameWords({ text, file: "/app/orders.js", line: 88, own: true })).toEqual({
    place: "",
    text: "at create (/app/orders.js:88:13)",
    code: "",
  });
});

test("the heading and the last line, which repeats the exception, are left out", () => {
  const line = (text: string, file: string | null = null) => ({
    text,
    file,
    line: file ? 1 : null,
    own: true,
  });
  const frames = [
    line("Traceback (most recent call last):"),
    line('  File "a.py", line 1, in f', "a.py"),
    line("During handling of the above exception, another exception occurred:"),
    line("sqlalchemy.exc.TimeoutError: pool"),
    line("TimeoutError: pool"),
  ];
  expect(tellingFrames({ type: "sqlalchemy.exc.TimeoutError", message: "pool", frames })).toEqual([
    frames[1],
    frames[2],
  ]);
});
