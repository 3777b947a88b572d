import { useLayoutEffect, useRef } from "preact/hooks";
import { VirtualList, type VirtualListHandle } from "../../components/lists/VirtualList";
import { isPhone, media } from "../../state/media";
import { columns, columnTitle, gridColumns } from "./columns";
import { entryRowId, LogLine } from "./LogLine";
import { entries, fetchMore, setFollowing } from "./logFeed";
import { pinned } from "./pinned";

/** The height of a row, as the style sheet has it. */
function lineHeight(): number {
  return isPhone.value ? 56 : media("(pointer: coarse)").value ? 44 : 30;
}

function Head({ template }: { template: string }) {
  return (
    <div class="lg head" role="row" aria-rowindex={1} style={{ "--template": template }}>
      <span role="columnheader">Time</span>
      <span role="columnheader">Level</span>
      <span role="columnheader">Resource</span>
      <span role="columnheader">Message</span>
      {columns.value.map((column) => (
        <span key={column} role="columnheader" class="cut hide" title={columnTitle(column)}>
          {columnTitle(column)}
        </span>
      ))}
    </div>
  );
}

/** The entries that were pinned, above all others. */
function Pinned(props: { template: string; selected: number | null; onOpen: (id: number) => void }) {
  if (pinned.value.length === 0) return null;
  return (
    <div class="pinned" role="grid" aria-label="Pinned entries">
      {pinned.value.map((entry, index) => (
        <LogLine
          key={entry.id}
          entry={entry}
          shown={columns.value}
          template={props.template}
          isSelected={entry.id === props.selected}
          isPinned
          index={index - 1}
          onOpen={props.onOpen}
        />
      ))}
    </div>
  );
}

/** The list of entries, newest first. One tab stop; the arrows move the selection.
 * @param props.onMove Selects the next entry, or the one before. */
export function LogTable(props: {
  selected: number | null;
  onOpen: (id: number) => void;
  onMove: (by: number) => void;
}) {
  const list = useRef<VirtualListHandle>(null);
  const { shown } = entries.value;
  const template = gridColumns(columns.value);
  const index = shown.findIndex((entry) => entry.id === props.selected);

  useLayoutEffect(() => {
    if (index >= 0) list.current?.scrollTo(index);
  }, [props.selected]);

  function pressed(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    props.onMove(by);
  }

  return (
    <div class="logrows">
      <Pinned template={template} selected={props.selected} onOpen={props.onOpen} />
      <VirtualList
        class="lgrid"
        handle={list}
        items={shown}
        rowHeight={lineHeight()}
        headHeight={isPhone.value ? 0 : 28}
        keyOf={(entry) => entry.id}
        attributes={{
          role: "grid",
          tabIndex: 0,
          "aria-label": "Log entries",
          "aria-rowcount": shown.length + 1,
          "aria-activedescendant": index >= 0 ? entryRowId(props.selected ?? 0) : undefined,
          onKeyDown: pressed,
          onWheel: (event) => {
            // Who scrolls down reads: what comes must not push it away.
            if (event.deltaY > 0) setFollowing(false);
          },
        }}
        rowsAttributes={{ role: "rowgroup" }}
        onNearEnd={() => void fetchMore()}
        head={<Head template={template} />}
        render={(entry, at) => (
          <LogLine
            key={entry.id}
            entry={entry}
            shown={columns.value}
            template={template}
            isSelected={entry.id === props.selected}
            index={at}
            onOpen={props.onOpen}
          />
        )}
      />
    </div>
  );
}
