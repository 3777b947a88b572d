import { useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import { timeSpan } from "../metricsFeed";
import { crosshair, isShown } from "./crosshair";
import { LEFT, RIGHT } from "./drawPlot";

/** The line at the time that all charts point out. It moves without drawing anything anew. */
export function CrossLine() {
  const line = useRef<HTMLElement>(null);
  useSignalEffect(() => {
    const time = crosshair.value;
    const { start, end } = timeSpan.value;
    const element = line.current;
    if (!element) return;
    const there = isShown(time, { start, end });
    element.hidden = !there;
    if (there) element.style.translate = `${((time - start) / (end - start)) * 100}%`;
  });
  return (
    <div class="crossbox" style={{ left: `${LEFT}px`, right: `${RIGHT}px` }}>
      <i ref={line} class="cross" hidden />
    </div>
  );
}
