import { Sparkline } from "../../components/marks/Sparkline";
import { now } from "../../state/clock";
import { bytes, shortDuration } from "../../state/format";
import { findPart } from "../../state/run/replicas";
import { sumOf, USAGE_SECONDS, type UsagePoint, usage } from "../../state/run/usage";
import { ageOf } from "./facts";

/** The value at the upper edge of a sparkline is at least this many per cent, so that idling looks idle. */
const LEAST_CPU = 2;

function Usage({ points }: { points: readonly UsagePoint[] }) {
  const last = points.at(-1);
  if (!last) return null;
  return (
    <>
      <Sparkline values={points.map((point) => point.cpu)} most={LEAST_CPU} slots={USAGE_SECONDS} />
      <span>
        {last.cpu.toFixed(1)} % · {bytes(last.memory)}
      </span>
    </>
  );
}

/** CPU of the last minute, and the figures of now. */
export function UsageCell({ id }: { id: string }) {
  return <Usage points={usage.of(id).value} />;
}

/** The same of several resources together. */
export function GroupUsageCell({ ids }: { ids: readonly string[] }) {
  return <Usage points={sumOf(ids.map((id) => usage.of(id).value))} />;
}

/** How long it runs, waits or ran. */
export function AgeCell({ id }: { id: string }) {
  const resource = findPart(id);
  const age = resource ? ageOf(resource, now.value) : null;
  return <>{age === null ? "" : shortDuration(age)}</>;
}
