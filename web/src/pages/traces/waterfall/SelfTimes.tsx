import type { ResourceShare } from "../../../api/schema";
import { resourceName } from "../../../state/run/resources";
import { seriesClass } from "../../../state/run/series";
import { shareText } from "../traceWords";

/** How much time each resource took by itself.
 * @param props.total The duration of the trace in seconds. */
export function SelfTimes({ shares, total }: { shares: readonly ResourceShare[]; total: number }) {
  const most = Math.max(total, ...shares.map((share) => share.self_time)) || 1;
  return (
    <section class="self">
      <h3>Where the time went, without children</h3>
      {shares.map((share) => (
        <div key={share.resource} class={seriesClass(share.resource)}>
          <b class="cut" title={resourceName(share.resource)}>
            {resourceName(share.resource)}
          </b>
          <i style={{ width: `${(share.self_time / most) * 100}%` }} />
          <span class="cut" title={shareText(share)}>
            {shareText(share)}
          </span>
        </div>
      ))}
    </section>
  );
}
