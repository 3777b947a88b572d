import type { ExceptionView, StackFrame } from "../../api/schema";

/** A frame as it is shown: where, in what, and the code there; or its text as it is. */
export interface FrameWords {
  /** The file, by its last two parts, and the line; empty where the frame names none. */
  place: string;
  text: string;
  code: string;
}

const PYTHON = /^\s*File "[^"]+", line \d+(?:, in (?<name>.*))?$/;
const MARKS = /^[\s^~]+$/;

function shortFile(file: string): string {
  return file.split(/[\\/]/).slice(-2).join("/");
}

/** How a frame is shown. */
export function frameWords({ text, file, line }: StackFrame): FrameWords {
  const [first = "", ...rest] = text.split("\n").filter((each) => !MARKS.test(each));
  const code = rest.map((each) => each.trim()).join("\n");
  const python = PYTHON.exec(first);
  if (file === null || line === null || python === null) return { place: "", text: first.trim(), code };
  return { place: `${shortFile(file)}:${line}`, text: python.groups?.name ?? "", code };
}

/** The frames that say something beyond the exception: not the heading of a stack trace, and not its last line, which
 * repeats what was raised. */
export function tellingFrames({ type, frames }: ExceptionView): readonly StackFrame[] {
  const name = type.split(".").at(-1) ?? type;
  return frames.filter(
    ({ file, text }) =>
      file !== null ||
      !(/^Traceback \(most recent call last\):/.test(text) || text.startsWith(type) || text.startsWith(name)),
  );
}
