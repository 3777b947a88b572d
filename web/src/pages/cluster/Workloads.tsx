import { useRef } from "preact/hooks";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { steppedIndex } from "../../components/lists/steppedIndex";
import { openMenu } from "../../state/menu";
import { open, setQuery } from "../../state/place/route";
import { singleKeys } from "../../state/settings";
import { consoleAddress } from "../resources/actions";
import { Row, rowMenu } from "./ClusterRows";
import { activeKey, clusterDocument, detailsAddress, rows, setOpen } from "./clusterState";
import { type ClusterRow, parentRow } from "./rows";

/** What a letter does with a row; whether it does anything. */
function rowKey(key: string, row: ClusterRow, element: Element): boolean {
  const named =
    row.kind === "pod"
      ? { kind: "pod", name: row.pod.name, namespace: row.pod.namespace }
      : { kind: row.workload.kind, name: row.workload.name, namespace: row.workload.namespace };
  switch (key) {
    case "l":
      open(consoleAddress(row.key));
      return true;
    case "d":
      open(detailsAddress(row.key), { panel: true });
      return true;
    case ".":
      openMenu(`Menu of ${named.name}`, element.querySelector(".acts .btn:last-child") ?? element, () =>
        rowMenu(row.key, named),
      );
      return true;
    default:
      return false;
  }
}

/** Where a key leads from a row; null for one that leads nowhere. */
function moved(all: readonly ClusterRow[], index: number, key: string): number | null {
  const row = all[index];
  const fold = row?.kind === "workload" ? row.fold : "none";
  switch (key) {
    case "ArrowLeft":
      if (row && fold === "open") setOpen(row.key, false);
      return parentRow(all, index);
    case "ArrowRight":
      if (row && fold === "folded") setOpen(row.key, true);
      return fold === "open" ? Math.min(index + 1, all.length - 1) : index;
    default:
      return steppedIndex(key, index, all.length);
  }
}

function Nothing() {
  const isFiltered = (clusterDocument.value?.workloads.length ?? 0) > 0;
  return isFiltered ? (
    <EmptyState icon="filter" title="No workload matches" text="The filter hides all of them.">
      <Button label="Clear filter" onClick={() => setQuery({ q: null, ns: null, mine: null, pod: null })} />
    </EmptyState>
  ) : (
    <EmptyState
      icon="workload"
      title="No workloads yet"
      text="What releases and manifests make in the cluster appears here."
    />
  );
}

/** Workloads with their pods, troubled ones first. One tab stop; the arrows move. */
export function Workloads() {
  const table = useRef<HTMLDivElement>(null);
  const all = rows.value;

  function focusRow(index: number): void {
    const row = all[index];
    if (!row) return;
    activeKey.value = row.key;
    requestAnimationFrame(() => {
      const element = table.current?.querySelector(`[data-key="${CSS.escape(row.key)}"]`);
      if (element instanceof HTMLElement) element.focus();
    });
  }

  function keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const element = event.target instanceof HTMLElement ? event.target : null;
    const index = all.findIndex((row) => row.key === element?.dataset.key);
    const row = all[index];
    if (!row || !element) return;
    const to = moved(all, index, event.key);
    if (to !== null) focusRow(to);
    else if (event.key === "Enter") open(detailsAddress(row.key), { panel: true });
    else if (!singleKeys.value || !rowKey(event.key, row, element)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  if (all.length === 0) return <Nothing />;
  return (
    <div ref={table} role="treegrid" aria-label="Workloads and pods" onKeyDown={keyDown}>
      <div class="wl head" role="row">
        <span role="columnheader">Workload and pods</span>
        <span role="columnheader">State</span>
        <span role="columnheader">Ready</span>
        <span role="columnheader">Restarts</span>
        <span role="columnheader">Node</span>
        <span role="columnheader">Age</span>
        <span role="columnheader">
          <span class="sr">Actions</span>
        </span>
      </div>
      {all.map((row) => (
        <Row key={row.key} row={row} />
      ))}
    </div>
  );
}
