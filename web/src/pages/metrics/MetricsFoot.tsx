import { KeyHint } from "../../frame/Footer";
import { clock, counted } from "../../state/format";
import { isNothingInView } from "../../state/place/scope";
import { crosshair, isShown } from "./chart/crosshair";
import { instruments, timeSpan } from "./metricsFeed";

/** Which instruments are shown, what is kept, and the time that all charts point out. */
export function MetricsFoot({ shown, inScope }: { shown: number; inScope: number }) {
  const list = instruments.value;
  if (!list) return null;
  const all = list.instruments.length + list.without_data;
  const time = crosshair.value;
  const of = isNothingInView()
    ? "no resource"
    : inScope === 0
      ? "the resources"
      : `the ${counted(inScope, "resource")} in view`;
  return (
    <>
      <span>
        {shown} of {counted(all, "instrument")}: those with data from {of}
      </span>
      {list.kept.dropped > 0 && (
        <span>
          {list.kept.limit.toLocaleString("en")} points are kept, {list.kept.dropped.toLocaleString("en")}{" "}
          older ones dropped
        </span>
      )}
      <span class="grow" />
      {isShown(time, timeSpan.value) && <span>{clock(time)} in every chart</span>}
      <KeyHint keys={["←", "→"]} does="move" />
    </>
  );
}
