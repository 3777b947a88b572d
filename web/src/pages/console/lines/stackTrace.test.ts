import { describe, expect, it } from "vitest";
import { type TraceState, traceStep } from "./stackTrace";

/** What each of some lines does. */
function steps(text: string): string[] {
  let state: TraceState = "none";
  return text.split("\n").map((line) => {
    const step = traceStep(state, line);
    state = step.next;
    return step.does;
  });
}

describe("stack traces", () => {
  it("takes those of Python up to the exception, with those they come from", () => {
    const trace = `INFO before
Traceback (most recent call last):
  File "a.py", line 1, in f
    g()
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "b.py", line 2, in h
ValueError: no
INFO behind`;
    expect(steps(trace)).toEqual(["neither", "starts", ...Array(9).fill("joins"), "neither"]);
  });

  it("takes those with lines of at", () => {
    const trace = `Error: no
    at f (/app/a.js:1:2)
    at g (/app/b.js:3:4)
Caused by: java.lang.Error
    ... 3 more
next`;
    expect(steps(trace)).toEqual(["neither", "starts", "joins", "joins", "joins", "neither"]);
  });

  it("takes those of Go", () => {
    const trace = `panic: no

goroutine 1 [running]:
main.f(0x1)
\t/app/main.go:12 +0x1d
exit status 2
listening on 80`;
    expect(steps(trace)).toEqual(["starts", ...Array(5).fill("joins"), "neither"]);
  });

  it("leaves other indented lines alone", () => {
    expect(steps("config:\n  port: 80\n  host: a")).toEqual(["neither", "neither", "neither"]);
  });
});
