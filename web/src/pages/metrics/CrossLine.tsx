import { crosshair, isShown } from "./crosshair";
import { LEFT, RIGHT } from "./drawPlot";
import { timeSpan } from "./metricsFeed";

/** The line at the time that all charts point out. It moves without drawing a chart anew. */
export function CrossLine({ width }: { width: number }) {
  const time = crosshair.value;
  const span = timeSpan.value;
  if (!isShown(time, span)) return null;
  const x = LEFT + ((time - span.start) / (span.end - span.start)) * (width - LEFT - RIGHT);
  return <i class="cross" style={{ transform: `translateX(${x.toFixed(1)}px)` }} />;
}
