/** Where in a stack trace a writer is: in one of Python, behind its exception, in one with `at` lines, in one of Go. */
export type TraceState = "none" | "python" | "python end" | "at" | "go";

/** What a line has to do with a stack trace. */
export interface TraceStep {
  /** `starts` one that may belong to the line before, `joins` the one that goes on, or neither. */
  does: "starts" | "joins" | "neither";
  next: TraceState;
}

const NEITHER: TraceStep = { does: "neither", next: "none" };
const AT = /^\s+at \S/;
const PYTHON = /^\s*(?:\+ Exception Group )?Traceback \(most recent call last\):/;
const CHAIN = /^(?:During handling of the above exception|The above exception was the direct cause)/;
const GO = /^(?:panic: |fatal error: |goroutine \d+ \[)/;
const GO_FRAME = /^(?:\s|goroutine \d+ \[|created by |exit status \d|\[signal |[\w./*()$-]+\(.*\)$|$)/;
const CAUSE = /^\s*(?:Caused by|Suppressed): /;

function begin(text: string): TraceStep {
  switch (text.charCodeAt(0)) {
    case 9:
    case 32:
      if (AT.test(text)) return { does: "starts", next: "at" };
      return PYTHON.test(text) ? { does: "starts", next: "python" } : NEITHER;
    case 84: // T
      return PYTHON.test(text) ? { does: "starts", next: "python" } : NEITHER;
    case 102: // f
    case 103: // g
    case 112: // p
      return GO.test(text) ? { does: "starts", next: "go" } : NEITHER;
    default:
      return NEITHER;
  }
}

function isIndented(text: string): boolean {
  return text === "" || text[0] === " " || text[0] === "\t";
}

/** What a line has to do with a stack trace, given where its writer is.
 * @param text The line without colours. */
export function traceStep(state: TraceState, text: string): TraceStep {
  switch (state) {
    case "python":
      // The first line that is not indented names the exception.
      return { does: "joins", next: isIndented(text) || PYTHON.test(text) ? "python" : "python end" };
    case "python end":
      if (CHAIN.test(text) || PYTHON.test(text)) return { does: "joins", next: "python" };
      return isIndented(text) ? { does: "joins", next: "python end" } : begin(text);
    case "at":
      return isIndented(text) || CAUSE.test(text) || text === "}"
        ? { does: "joins", next: "at" }
        : begin(text);
    case "go":
      return GO_FRAME.test(text) ? { does: "joins", next: "go" } : begin(text);
    case "none":
      return begin(text);
  }
}
