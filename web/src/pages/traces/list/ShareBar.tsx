import type { ResourceShare } from "../../../api/schema";
import { seriesClass } from "../../../state/run/series";

/** Whose time it was, as parts of a bar; the words are in the trace itself. */
export function ShareBar({ shares }: { shares: readonly ResourceShare[] }) {
  return (
    <span class="share" aria-hidden="true">
      {shares.map(({ resource, self_time }) => (
        <i
          key={resource}
          class={seriesClass(resource)}
          style={{ flexGrow: Math.max(self_time, 1e-9) * 1e6 }}
        />
      ))}
    </span>
  );
}
