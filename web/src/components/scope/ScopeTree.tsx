import { useSignal } from "@preact/signals";
import type { Snapshot } from "../../api/schema";
import { isNothingInView, NOTHING, scope, setScope } from "../../state/place/scope";
import { resources } from "../../state/run/resources";
import { seriesClass } from "../../state/run/series";
import { Button } from "../Button";
import { Field } from "../Field";
import { Dot } from "../marks/StateBadge";
import { isCalm, stateLook } from "../marks/stateLook";
import { type ScopeRow, scopeRows, toggled } from "./scopeRows";

/** What stands at the right of a row: how many, and whether that is bad news. */
export interface ScopeCount {
  count: number;
  bad?: boolean;
}

function Row(props: { row: ScopeRow; count: ScopeCount | undefined; onToggle: () => void }) {
  const { row, count } = props;
  const snapshot = resources.row(row.id)?.value;
  const look = snapshot && stateLook(snapshot);
  return (
    <li class={`lv${Math.min(row.level, 3)}`}>
      <label class={seriesClass(row.id)}>
        <input
          type="checkbox"
          class={row.tick === "mixed" ? "mixed" : ""}
          checked={row.tick === "on"}
          aria-checked={row.tick === "mixed" ? "mixed" : undefined}
          onChange={props.onToggle}
        />
        <span class="nm" title={row.name}>
          {row.name}
        </span>
        {look && !isCalm(look) && <Dot look={look} />}
        {count && count.count > 0 && (
          <span class={count.bad ? "n bad" : "n"}>{count.count.toLocaleString("en")}</span>
        )}
      </label>
    </li>
  );
}

/** The resources in view, as a tree with tick boxes in their colours: the legend too. The choice stays when the page
 * changes.
 * @param props.only Which resources can be in view; all by default. */
export function ScopeTree(props: {
  counts?: ReadonlyMap<string, ScopeCount>;
  only?: (resource: Snapshot) => boolean;
}) {
  const filter = useSignal("");
  const all = resources.all().filter(props.only ?? (() => true));
  const ids = all.map((each) => each.id);
  const isNothing = isNothingInView();
  const chosen = isNothing ? [NOTHING] : scope.value.filter((id) => ids.includes(id));
  const rows = scopeRows(all, chosen, filter.value);
  const inView = isNothing ? 0 : chosen.length || ids.length;
  return (
    <aside class="scope" aria-label="Resources in view">
      <div class="scope-head">
        <b>Resources</b>
        <span>
          {inView} of {ids.length}
        </span>
        {chosen.length === 0 ? (
          <Button label="None" look="ghost" small onClick={() => setScope([NOTHING])} />
        ) : (
          <Button label="All" look="ghost" small onClick={() => setScope([])} />
        )}
      </div>
      <Field
        label="Filter resources"
        placeholder="Filter"
        icon="search"
        value={filter.value}
        onInput={(value) => {
          filter.value = value;
        }}
      />
      <ul>
        {rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            count={props.counts?.get(row.id)}
            onToggle={() => setScope(toggled(ids, chosen, row.id, NOTHING))}
          />
        ))}
      </ul>
      <p class="hint">The choice stays when you change pages.</p>
    </aside>
  );
}
