import type { TraceView } from "../../api/schema";
import { KeyHint } from "../../frame/Footer";
import { counted } from "../../state/format";
import { resourceName } from "../../state/run/resources";
import { traceCounts, tracesKept } from "./traceFeed";
import { mostTime } from "./traceWords";

function MostTime({ trace }: { trace: TraceView }) {
  const most = mostTime(trace);
  if (!most) return null;
  return (
    <span>
      {most.percent} of the time is <b>{most.operation}</b> in {resourceName(most.resource)}
    </span>
  );
}

/** Totals, limits, what took most of the time, and the keys. */
export function TraceFoot({ trace }: { trace: TraceView | null }) {
  const counts = traceCounts.value;
  const kept = tracesKept.value;
  return (
    <>
      {counts && <span>{counted(counts.total, "trace")}</span>}
      {kept && (
        <span>
          {kept.limit.toLocaleString("en")} are kept
          {kept.dropped > 0 && `, ${kept.dropped.toLocaleString("en")} older ones dropped`}
        </span>
      )}
      {trace && <MostTime trace={trace} />}
      <span class="grow" />
      <KeyHint keys={["↑", "↓"]} does="spans" />
      <KeyHint keys={["J", "K"]} does="traces" />
    </>
  );
}
