import { useLayoutEffect, useRef } from "preact/hooks";
import { steppedIndex } from "../../components/lists/steppedIndex";
import { VirtualList, type VirtualListHandle } from "../../components/lists/VirtualList";
import { rowHeight } from "../../state/media";
import { isStale } from "../../state/run/connection";
import { openDetails } from "./actions";
import { MANY } from "./groups";
import { Row } from "./Row";
import type { TableRow } from "./rows";
import { activeKey, rows, setFolded, tabStop } from "./tableState";

/** How many rows a page up or down is. */
const PAGE = 10;

function Head() {
  return (
    <div class="row head" role="row" aria-rowindex={1}>
      <span role="columnheader">
        <b>Name</b>
      </span>
      <span role="columnheader">State and reason</span>
      <span role="columnheader" class="c-url">
        URL
      </span>
      <span role="columnheader" class="c-src">
        Source
      </span>
      <span role="columnheader" class="c-act">
        CPU<i> · memory</i>
      </span>
      <span role="columnheader" class="c-up up">
        Up
      </span>
      <span role="columnheader">
        <span class="sr">Actions</span>
      </span>
    </div>
  );
}

/** The heads of the columns, also above what stands for the rows. */
export const TableHead = Head;

/** The index of the row that a row is below. */
function parentIndex(all: readonly TableRow[], index: number): number {
  const level = all[index]?.level ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) if ((all[at]?.level ?? 0) < level) return at;
  return index;
}

/** The tree of resources as a table. One tab stop; the arrows move. */
export function Table() {
  const handle = useRef<VirtualListHandle>(null);
  const focused = useRef<number | null>(null);
  const all = rows.value;
  const stop = all.findIndex((row) => row.key === tabStop.value);

  function focusRow(index: number): void {
    const row = all[index];
    if (!row) return;
    activeKey.value = row.key;
    handle.current?.scrollTo(index);
    requestAnimationFrame(() => {
      const element = handle.current?.element()?.querySelector(`[data-key="${CSS.escape(row.key)}"]`);
      if (element instanceof HTMLElement) element.focus({ preventScroll: true });
    });
  }

  // A row that had the focus and is gone passes it to the one in its place.
  useLayoutEffect(() => {
    const index = focused.current;
    if (index === null || document.activeElement !== document.body) return;
    focusRow(Math.min(index, all.length - 1));
  }, [all]);

  function move(key: string, index: number): number | null {
    const row = all[index];
    switch (key) {
      case "ArrowLeft":
        if (row?.fold !== "open") return parentIndex(all, index);
        setFolded(row.key, true);
        return index;
      case "ArrowRight":
        if (row?.fold === "folded") setFolded(row.key, false);
        return row?.fold === "open" ? Math.min(index + 1, all.length - 1) : index;
      default:
        return steppedIndex(key, index, all.length, PAGE);
    }
  }

  function keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const element = event.target instanceof Element ? event.target.closest("[data-key]") : null;
    const index = all.findIndex((row) => row.key === element?.getAttribute("data-key"));
    const row = all[index];
    if (!element || !row || event.target !== element) return;
    const to = move(event.key, index);
    if (to !== null) focusRow(to);
    else if (event.key === "Enter") enter(row);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function enter(row: TableRow): void {
    if (row.kind === "resource" || row.kind === "replica") openDetails(row.id);
    else setFolded(row.key, row.fold === "open");
  }

  return (
    <VirtualList
      handle={handle}
      class={isStale() ? "table stale" : "table"}
      attributes={{
        role: "treegrid",
        "aria-label": "Resources",
        "aria-rowcount": all.length + 1,
        onKeyDown: keyDown,
        onFocusCapture: (event) => {
          const element = event.target instanceof Element ? event.target.closest("[data-key]") : null;
          focused.current = all.findIndex((row) => row.key === element?.getAttribute("data-key"));
        },
        onBlurCapture: (event) => {
          // An element that is taken away tells nothing; one that is left on purpose is still there.
          if (event.target instanceof Element && event.target.isConnected) focused.current = null;
        },
      }}
      items={all}
      whole={all.length <= MANY}
      keep={stop < 0 ? undefined : stop}
      rowHeight={rowHeight.value}
      headHeight={28}
      head={<Head />}
      keyOf={(row) => row.key}
      render={(row, index) => <Row key={row.key} row={row} index={index} />}
    />
  );
}

/** The key of the row that has the tab stop, for what returns the focus to the table. */
export function focusTable(): void {
  const key = tabStop.peek();
  const element =
    key === null ? null : document.querySelector(`[role=treegrid] [data-key="${CSS.escape(key)}"]`);
  if (element instanceof HTMLElement) element.focus();
}
