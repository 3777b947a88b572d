import type { Snapshot, WaitView } from "../../../api/schema";
import { SHAPES } from "../../../components/marks/shapes";
import { stateLook } from "../../../components/marks/stateLook";
import { writeAddress } from "../../../state/place/address";
import { resources } from "../../../state/run/resources";

const ROW = 30;
const WIDTH = 436;

/** A wait with where its line is drawn. */
function middle(index: number): number {
  return ROW / 2 + index * ROW;
}

function lookOfWait(wait: WaitView): { shape: keyof typeof SHAPES; tone: string } {
  if (wait.satisfied) return { shape: "done", tone: "ok" };
  const target = resources.get(wait.resource);
  if (!target) return { shape: "wait", tone: "wait" };
  const look = stateLook(target);
  return look.tone === "ok" ? { shape: "wait", tone: "wait" } : look;
}

function conditionWords({ condition, satisfied, why_not }: WaitView): string {
  if (!satisfied) return why_not || `not ${condition} yet`;
  return condition === "value" ? "has a value" : condition;
}

/** The waits of a resource as a small graph: what it waits for at the left, with lines to it. */
export function WaitGraph({ resource }: { resource: Snapshot }) {
  const { waits, name } = resource;
  const height = Math.max(1, waits.length) * ROW;
  const center = height / 2;
  const look = stateLook(resource);
  const words = waits
    .map((wait) => `${wait.resource}: ${wait.satisfied ? "over" : conditionWords(wait)}`)
    .join(", ");
  return (
    <div class="waits">
      <svg
        class="lines"
        height={height + 4}
        viewBox={`0 0 ${WIDTH} ${height + 4}`}
        role="group"
        aria-label={`${name} waits for ${words}`}
      >
        {waits.map((wait, index) => {
          const y = middle(index);
          const { shape, tone } = lookOfWait(wait);
          return (
            <g key={`${wait.resource} ${wait.condition}`}>
              <path
                class={wait.satisfied ? "ge" : "ge pend"}
                d={`M228 ${y}C272 ${y} 272 ${center} 316 ${center}`}
              />
              <g class={`t-${tone} shape`} transform={`translate(8 ${y - 6})`}>
                {SHAPES[shape]}
              </g>
              <a href={writeAddress("graph", [wait.resource, name])}>
                <text x="28" y={y + 4}>
                  {wait.resource}
                </text>
              </a>
              <text class="lbl" x="220" y={y + 4} text-anchor="end">
                {conditionWords(wait)}
              </text>
            </g>
          );
        })}
        <rect class="node" x="316" y={center - 14} width="116" height="28" rx="6" />
        <g class={`t-${look.tone} shape`} transform={`translate(327 ${center - 6})`}>
          {SHAPES[look.shape]}
        </g>
        <text x="347" y={center + 4}>
          {name.length > 12 ? `${name.slice(0, 11)}…` : name}
        </text>
      </svg>
    </div>
  );
}
