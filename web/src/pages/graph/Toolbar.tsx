import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Segmented } from "../../components/Segmented";
import { isPhone } from "../../state/media";
import { queryValue, setQuery } from "../../state/place/route";
import {
  found,
  graph,
  groups,
  groupsQuery,
  nodeAddress,
  onlyBlocking,
  openCount,
  search,
  selectAddress,
} from "./graphState";
import type { LineGroup } from "./lines";
import { readingOrder } from "./moves";

const LABELS: readonly { group: LineGroup; label: string }[] = [
  { group: "waits", label: "Waits" },
  { group: "references", label: "References" },
  { group: "parents", label: "Parents" },
];

function toggle(group: LineGroup): void {
  const shown = new Set(groups.peek());
  if (!shown.delete(group)) shown.add(group);
  setQuery({ lines: groupsQuery(shown) });
}

/** Open the details of the first resource that is found. */
function openFirst(): void {
  const ids = found.peek();
  const first = readingOrder(graph.peek().layout.nodes).find(({ id }) => ids?.has(id));
  if (first) selectAddress(nodeAddress(first.id));
}

/** What is shown of the graph, and how. */
export function Toolbar() {
  const count = found.value?.size;
  return (
    <div class="bar">
      <Field
        label="Find a resource"
        placeholder="Find a resource"
        icon="search"
        hint="/"
        class="gfind"
        value={search.value}
        onInput={(text) => {
          search.value = text;
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") openFirst();
        }}
      />
      {count !== undefined && (
        <span class="quiet gcount" role="status">
          {count === 0 ? "none found" : `${count} found`}
        </span>
      )}
      <div class="seg" role="group" aria-label="Lines">
        {LABELS.map(({ group, label }) => (
          <button
            key={group}
            type="button"
            aria-pressed={groups.value.has(group)}
            onClick={() => toggle(group)}
          >
            {label}
          </button>
        ))}
      </div>
      <Segmented
        label="Show"
        value={onlyBlocking.value ? "blocking" : "all"}
        segments={[
          { value: "all", label: "Everything" },
          { value: "blocking", label: "Only what blocks", count: openCount.value },
        ]}
        onChange={(value) => setQuery({ show: value === "blocking" ? value : null })}
      />
      <span class="grow" />
      {!isPhone.value && (
        <>
          <span class="quiet hide ghint">Left starts before right</span>
          <Button
            label="Read as list"
            icon="resources"
            pressed={queryValue("view") === "list"}
            onClick={() => setQuery({ view: queryValue("view") === "list" ? null : "list" })}
          />
        </>
      )}
    </div>
  );
}
