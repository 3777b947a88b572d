import type { Comparison } from "../../../api/schema";
import { counted, measured } from "../../../state/format";
import { comparisonText } from "../traceWords";

const WIDTH = 300;
const HEIGHT = 40;
const GAP = 3;

/** How long the same operation took in other traces, and where this one lies. */
export function CompareSpan({ comparison }: { comparison: Comparison }) {
  const { buckets, bucket, count, shortest, longest } = comparison;
  const most = Math.max(1, ...buckets);
  const step = (WIDTH + GAP) / buckets.length;
  const text = comparisonText(comparison);
  return (
    <section class="compare">
      <h3>Compared with {counted(count, "other trace")} of this operation</h3>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text}>
        {buckets.map((number, index) => {
          const height = number === 0 ? 1 : Math.max(2, (number / most) * HEIGHT);
          return (
            <rect
              key={index}
              class={index === bucket ? "on" : ""}
              x={index * step}
              y={HEIGHT - height}
              width={step - GAP}
              height={height}
            />
          );
        })}
      </svg>
      <p aria-hidden="true">
        <span>{measured(shortest)}</span>
        <span class={bucket > 1 && bucket < buckets.length - 2 ? "this" : "this edge"}>{text}</span>
        <span>{measured(longest)}</span>
      </p>
    </section>
  );
}
