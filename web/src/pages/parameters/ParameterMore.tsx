import type { ParameterSource, ParameterView } from "../../api/schema";
import { Shape } from "../../components/marks/Shape";
import { clock } from "../../state/format";
import { Ways } from "./Ways";

function Source({ source }: { source: ParameterSource }) {
  const word = source.wins ? "gives its value" : source.has_value ? "has one too" : "has none";
  return (
    <li class={source.wins ? "t-ok" : "t-idle"}>
      <Shape name={source.wins ? "done" : source.has_value ? "active" : "idle"} />
      <span>{source.name}</span>
      <span class="quiet">{word}</span>
    </li>
  );
}

/** What there is to say of a parameter beyond its row: what it is for, and which of its sources wins. */
export function ParameterMore({ parameter }: { parameter: ParameterView }) {
  const { description, sources, changed_at } = parameter;
  return (
    <div class="pmore" role="row">
      <div role="cell">
        {description && <p>{description}</p>}
        {changed_at !== null && <p class="quiet">Changed in this run, at {clock(changed_at)}.</p>}
        <div class="pmore-cols">
          <div>
            <h3>Sources, first wins</h3>
            <ol class="held">
              {sources.map((source) => (
                <Source key={source.name} source={source} />
              ))}
            </ol>
          </div>
          <div>
            <h3>Other ways to give it</h3>
            <Ways parameter={parameter} />
          </div>
        </div>
      </div>
    </div>
  );
}
