import type { ParameterView } from "../../api/schema";
import { Shape } from "../../components/marks/Shape";
import { now } from "../../state/clock";
import { duration } from "../../state/format";
import { writeAddress } from "../../state/place/address";
import { Ways } from "./Ways";

/** What waits for the value of a parameter, and how else to give it. */
export function HeldUp({ parameter }: { parameter: ParameterView }) {
  const waiting = parameter.used_by.filter((user) => user.waits_since !== null);
  const others = parameter.used_by.filter((user) => user.waits_since === null);
  return (
    <aside>
      <h3>Held up by it</h3>
      {waiting.length === 0 && <p>Nothing waits for it now.</p>}
      <ul class="held">
        {waiting.map(({ resource, waits_since }) => (
          <li key={resource} class="t-wait">
            <Shape name="wait" />
            <a href={writeAddress("resources", [resource])} data-panel>
              {resource}
            </a>
            <span class="quiet">waits for {duration(now.value - (waits_since ?? now.value))}</span>
          </li>
        ))}
        {others.map(({ resource }) => (
          <li key={resource} class="t-idle">
            <Shape name="idle" />
            <a href={writeAddress("resources", [resource])} data-panel>
              {resource}
            </a>
            <span class="quiet">uses it when it starts</span>
          </li>
        ))}
      </ul>
      <h3>Other ways to give it</h3>
      <Ways parameter={parameter} />
    </aside>
  );
}
