import { useSignal } from "@preact/signals";
import type { ExceptionView, StackFrame } from "../../api/schema";
import { counted } from "../../state/format";
import { frameWords, tellingFrames } from "./frameWords";
import { foldFrames } from "./stackFolds";

function Frame({ frame }: { frame: StackFrame }) {
  const { place, text, code } = frameWords(frame);
  return (
    <span class={frame.own ? "frame own" : "frame"} title={frame.file ?? undefined}>
      {place && <b>{place}</b>} {text}
      {code && <small>{code}</small>}
    </span>
  );
}

function Fold({ frames }: { frames: readonly StackFrame[] }) {
  const isOpen = useSignal(false);
  if (isOpen.value) {
    return (
      <>
        {frames.map((frame, index) => (
          <Frame key={index} frame={frame} />
        ))}
      </>
    );
  }
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
  const { exception } = props;
  const frames = foldFrames(exception ? tellingFrames({ ...exception, frames: props.frames }) : props.frames);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so the keyboard has to reach it
    <div class="code stack" tabIndex={0} role="region" aria-label="Stack">
      {exception && (
        <span class="raised">
          <b>{exception.type}</b>
          {exception.message && `: ${exception.message}`}
        </span>
      )}
      {frames.map((part, index) =>
        "folded" in part ? <Fold key={index} frames={part.folded} /> : <Frame key={index} frame={part} />,
      )}
    </div>
  );
}
