import type { AttributeView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { AttributeList } from "../../../components/lists/AttributeList";
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
  return (
    <AttributeList
      title={title}
      attributes={attributes}
      note={({ name, value }) =>
        isFilterName(name) ? <FilterButton name={name} value={value} /> : undefined
      }
    />
  );
}
