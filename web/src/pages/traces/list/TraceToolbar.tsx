import type { Snapshot } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { FilterChip } from "../../../components/FilterChip";
import { SearchField } from "../../../components/SearchField";
import { Segmented } from "../../../components/Segmented";
import { ScopePicker } from "../../../components/scope/ScopePicker";
import type { ScopeCount } from "../../../components/scope/ScopeTree";
import { clock, measured } from "../../../state/format";
import { setQuery } from "../../../state/place/route";
import { isFollowing, setFollowing, traceCounts } from "../traceFeed";
import { ImportButton } from "./ImportButton";
import type { Brush } from "./scatterScale";
import { SLOW, type TraceFilters, type Which, whichOf, writeDuration } from "./traceFilters";

function choose(which: Which): void {
  setQuery({ errors: which === "errors" ? "1" : null, min: which === "slow" ? writeDuration(SLOW) : null });
}

/** Which segment is pressed: none of them when the filters are others, which have a chip. */
function WhichTraces({ filters }: { filters: TraceFilters }) {
  const counts = traceCounts.value;
  const which = whichOf(filters);
  return (
    <>
      <Segmented<Which | "none">
        label="Which"
        class="hide"
        value={which ?? "none"}
        segments={[
          { value: "all", label: "All", ...(counts && { count: counts.total }) },
          { value: "errors", label: "Errors", ...(counts && { count: counts.errors }) },
          { value: "slow", label: "Slower than 500 ms", ...(counts && { count: counts.slow }) },
        ]}
        onChange={(value) => {
          if (value !== "none") choose(value);
        }}
      />
      {which === null && filters.least > 0 && (
        <FilterChip
          label={`Slower than ${measured(filters.least)}`}
          onRemove={() => setQuery({ min: null })}
        />
      )}
    </>
  );
}

function resourceCounts(): ReadonlyMap<string, ScopeCount> {
  return new Map(Object.entries(traceCounts.value?.resources ?? {}).map(([id, count]) => [id, { count }]));
}

/** Whether a resource can have to do with a trace: a parameter never runs. */
function canBeTraced({ type }: Snapshot): boolean {
  return type !== "Parameter";
}

/** What is searched and filtered, import, and whether new traces are shown. */
export function TraceToolbar(props: {
  filters: TraceFilters;
  brush: Brush | null;
  onFiles: (files: readonly File[]) => void;
}) {
  const { brush } = props;
  return (
    <div class="bar">
      <SearchField
        label="Search traces"
        placeholder="Name, id or attribute = value"
        text={props.filters.text}
        class="w300"
      />
      <WhichTraces filters={props.filters} />
      <span class="hide">
        <ScopePicker counts={resourceCounts()} only={canBeTraced} />
      </span>
      {brush && (
        <FilterChip
          label={`${clock(brush.from)}–${clock(brush.to)}, ${measured(brush.least)}–${measured(brush.most)}`}
          onRemove={() => setQuery({ brush: null })}
        />
      )}
      <span class="grow" />
      <ImportButton class="hide" onFiles={props.onFiles} />
      <Button
        label={isFollowing.value ? "Following" : "Follow"}
        icon="latest"
        pressed={isFollowing.value}
        title="New traces are shown as they come (f)"
        onClick={() => setFollowing(!isFollowing.peek())}
      />
    </div>
  );
}
