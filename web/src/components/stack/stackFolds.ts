import type { StackFrame } from "../../api/schema";

/** A frame that is shown, or some of libraries that are folded into one line. */
export type StackPart = StackFrame | { folded: readonly StackFrame[] };

/** The frames of a stack trace, those of libraries folded; all of them where none is of the app. */
export function foldFrames(frames: readonly StackFrame[]): readonly StackPart[] {
  if (!frames.some((frame) => frame.own)) return frames;
  const parts: StackPart[] = [];
  let folded: StackFrame[] = [];
  const close = () => {
    if (folded.length === 1) parts.push(...folded);
    else if (folded.length > 1) parts.push({ folded });
    folded = [];
  };
  for (const frame of frames) {
    if (frame.own) {
      close();
      parts.push(frame);
    } else {
      folded.push(frame);
    }
  }
  close();
  return parts;
}
