import type { AttributeView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { KeyValueList } from "../../../components/lists/KeyValueList";
import { isFilterName } from "../filters";
import { addFilter } from "../words";

function FilterButton({ name, value }: AttributeView) {
  return (
    <Button
      label={`Only entries with this ${name}`}
      icon="filter"
      iconOnly
      small
      look="ghost"
      onClick={() => addFilter({ name, operator: "=", value })}
    />
  );
}

/** Attributes, each with a button that filters by it. */
export function EntryAttributes({
  title,
  attributes,
}: {
  title: string;
  attributes: readonly AttributeView[];
}) {
  if (attributes.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <KeyValueList
        class="wraps"
        entries={attributes.map(({ name, value }) => ({
          key: name,
          name,
          value: <span class="v">{value}</span>,
          note: isFilterName(name) ? <FilterButton name={name} value={value} /> : undefined,
        }))}
      />
    </section>
  );
}
