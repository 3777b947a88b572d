import { expect, test } from "vitest";
import type { StackFrame } from "../../api/schema";
import { foldFrames } from "./stackFolds";

function frame(text: string, own: boolean): StackFrame {
  return { text, file: text, line: 1, own };
}

const OWN = frame("api.py", true);
const LIBRARY = frame("library.py", false);

test("frames of libraries are folded between those of the app", () => {
  expect(foldFrames([LIBRARY, LIBRARY, OWN, LIBRARY, LIBRARY, LIBRARY])).toEqual([
    { folded: [LIBRARY, LIBRARY] },
    OWN,
    { folded: [LIBRARY, LIBRARY, LIBRARY] },
  ]);
});

test("one frame alone is shown, and so are all where none is of the app", () => {
  expect(foldFrames([OWN, LIBRARY, OWN])).toEqual([OWN, LIBRARY, OWN]);
  expect(foldFrames([LIBRARY, LIBRARY])).toEqual([LIBRARY, LIBRARY]);
});
