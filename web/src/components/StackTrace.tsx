import { useSignal } from "@preact/signals";
import type { ExceptionView, StackFrame } from "../api/schema";
import { counted } from "../state/format";
import { foldFrames } from "./stackFolds";

function Frame({ frame }: { frame: StackFrame }) {
  return <span class={frame.own ? "frame own" : "frame"}>{frame.text}</span>;
}

function Fold({ frames }: { frames: readonly StackFrame[] }) {
  const isOpen = useSignal(false);
  if (isOpen.value)
    return (
      <>
        {frames.map((frame, index) => (
          <Frame key={index} frame={frame} />
        ))}
      </>
    );
  return (
    <button
      type="button"
      class="fold"
      onClick={() => {
        isOpen.value = true;
      }}
    >
      {counted(frames.length, "library frame")} folded
    </button>
  );
}

/** The frames of an exception: the app's own in view, those of libraries folded.
 * @param props.exception What was raised, where nothing else says it. */
export function StackTrace(props: { frames: readonly StackFrame[]; exception?: ExceptionView }) {
  const { frames, exception } = props;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard has to reach it
    <div class="code stack" tabIndex={0} role="region" aria-label="Stack">
      {exception && (
        <span class="raised">
          <b>{exception.type}</b>
          {exception.message && `: ${exception.message}`}
        </span>
      )}
      {foldFrames(frames).map((part, index) =>
        "own" in part ? <Frame key={index} frame={part} /> : <Fold key={index} frames={part.folded} />,
      )}
    </div>
  );
}
