import { useSignal } from "@preact/signals";
import { Button } from "../../components/Button";
import { FilterChip } from "../../components/FilterChip";
import { MenuButton } from "../../components/overlays/MenuButton";
import { SearchField } from "../../components/SearchField";
import { Segmented } from "../../components/Segmented";
import { isPhone } from "../../state/media";
import type { MenuItem } from "../../state/menu";
import { setQuery } from "../../state/place/route";
import { type Column, columns, columnTitle, withColumn } from "./columns";
import { FilterEditor } from "./FilterEditor";
import { type Filter, filterLabel, readFilter, withFilter, writeFilter } from "./filters";
import { entries, isFollowing, setFollowing } from "./logFeed";
import type { LogFilters } from "./logQuery";
import { seenAttributes } from "./seen";

/** The lowest level that is shown. */
export function LevelChoice({ level, class: name = "" }: { level: LogFilters["level"]; class?: string }) {
  return (
    <Segmented<LogFilters["level"]>
      label="At least"
      class={name}
      value={level}
      segments={[
        { value: "", label: "Debug+" },
        { value: "info", label: "Info+" },
        { value: "warn", label: "Warning+" },
        { value: "error", label: "Error" },
      ]}
      onChange={(value) => setQuery({ level: value })}
    />
  );
}

function Chips({ texts, onEdit }: { texts: readonly string[]; onEdit: (text: string) => void }) {
  return (
    <>
      {texts.map((text) => {
        const filter = readFilter(text);
        return (
          filter && (
            <FilterChip
              key={text}
              label={filterLabel(filter)}
              onEdit={() => onEdit(text)}
              onRemove={() => setQuery({ f: texts.filter((each) => each !== text) })}
            />
          )
        );
      })}
    </>
  );
}

function columnItems(): readonly MenuItem[] {
  const seen = [...seenAttributes(entries.value.shown).keys()].map((name): Column => `@${name}`);
  const all = new Set<Column>(["logger", "trace", ...columns.value, ...seen]);
  return [...all].map((column, at) => ({
    label: columnTitle(column),
    checked: columns.value.includes(column),
    apart: at === 2,
    run: () => {
      columns.value = withColumn(columns.peek(), column);
    },
  }));
}

/** What is searched and filtered, the columns, and whether new entries are shown. */
export function LogsToolbar({ filters, onView }: { filters: LogFilters; onView: () => void }) {
  const editing = useSignal<string | null>(null);
  const waiting = entries.value.held.length;

  function done(filter: Filter): void {
    const others = filters.filters;
    const before = editing.peek();
    if (before === null || before === "") setQuery({ f: withFilter(others, filter) });
    else setQuery({ f: others.map((text) => (text === before ? writeFilter(filter) : text)) });
  }

  return (
    <div class="bar">
      <SearchField label="Search messages" placeholder="Message contains" text={filters.text} class="w260" />
      <LevelChoice class="hide" level={filters.level} />
      <Chips
        texts={filters.filters}
        onEdit={(text) => {
          editing.value = text;
        }}
      />
      <Button
        label="Filter"
        icon="plus"
        iconOnly={isPhone.value}
        look="ghost"
        popup="dialog"
        onClick={() => {
          editing.value = "";
        }}
      />
      <span class="grow" />
      <MenuButton label="Columns" icon="logs" iconOnly={false} class="hide" items={columnItems} />
      <Button label="View" icon="more" iconOnly class="phone-only" popup="dialog" onClick={onView} />
      <Button
        label={
          isFollowing.value
            ? "Following"
            : waiting > 0
              ? `Follow · ${waiting.toLocaleString("en")} new`
              : "Follow"
        }
        icon="latest"
        pressed={isFollowing.value}
        title="New entries are shown as they come (f)"
        onClick={() => setFollowing(!isFollowing.peek())}
      />
      {editing.value !== null && (
        <FilterEditor
          filter={readFilter(editing.value)}
          seen={seenAttributes(entries.value.shown)}
          onDone={done}
          onClose={() => {
            editing.value = null;
          }}
        />
      )}
    </div>
  );
}
