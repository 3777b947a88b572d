import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { FilterChip } from "../../components/FilterChip";
import { MenuButton } from "../../components/overlays/MenuButton";
import { Segmented } from "../../components/Segmented";
import { setQuery } from "../../state/place/route";
import { resources } from "../../state/run/resources";
import { focusTable } from "./Table";
import { counts, filter, foldCalm, grouping, isLarge, types } from "./tableState";

function toggleType(type: string): void {
  const chosen = filter.peek().types;
  setQuery({ type: chosen.includes(type) ? chosen.filter((each) => each !== type) : [...chosen, type] });
}

function typeItems() {
  return types.value.map((type) => ({
    label: type,
    checked: filter.value.types.includes(type),
    run: () => toggleType(type),
  }));
}

/** What filters and folds the table. */
export function Toolbar() {
  const { text, state, types: chosen } = filter.value;
  const loaded = resources.loaded.value;
  const count = counts.value;
  const shown = (value: number) => (loaded ? value : undefined);
  return (
    <div class="bar">
      <Field
        class="search"
        label="Filter resources"
        icon="search"
        hint="/"
        placeholder="Filter by name, type, state"
        value={text}
        onInput={(value) => setQuery({ q: value })}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown" || event.key === "Enter") focusTable();
          else if (event.key === "Escape" && text !== "") setQuery({ q: null });
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <Segmented
        class="hide"
        label="State"
        value={state}
        onChange={(value) => setQuery({ state: value === "all" ? null : value })}
        segments={[
          { value: "all", label: "All", count: shown(count.all) },
          { value: "needs", label: "Needs you", count: shown(count.needs) },
          { value: "waiting", label: "Waiting", count: shown(count.waiting) },
          { value: "running", label: "Running", count: shown(count.running) },
          { value: "done", label: "Done", count: shown(count.done) },
        ]}
      />
      <MenuButton
        label="Type"
        menuLabel="Types"
        icon="filter"
        iconOnly={false}
        look="plain"
        class="hide"
        pressed={chosen.length > 0 ? true : undefined}
        items={typeItems}
      />
      {chosen.map((type) => (
        <FilterChip key={type} label={type} onRemove={() => toggleType(type)} />
      ))}
      <span class="grow" />
      {isLarge.value && (
        <Button
          label="Grouped by name"
          class="hide"
          pressed={grouping.value}
          onClick={() => {
            grouping.value = !grouping.value;
          }}
        />
      )}
      <Button label="Fold what is calm" look="ghost" class="hide" onClick={foldCalm} />
    </div>
  );
}
