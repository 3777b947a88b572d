import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Snapshot } from "../../api/schema";
import { Icon } from "../../components/marks/Icon";
import { kindIcon } from "../../components/marks/kinds";
import { StateBadge } from "../../components/marks/StateBadge";
import { type Look, stateLook } from "../../components/marks/stateLook";
import { openMenuAt } from "../../state/menu";
import { writeAddress } from "../../state/place/address";
import { modelOf } from "../../state/run/app";
import { findPart } from "../../state/run/replicas";
import { menuItems, openDetails } from "./actions";
import { AgeCell, GroupUsageCell, UsageCell } from "./Cells";
import { isLink, reasonOf, shortUrl, sourceOf } from "./facts";
import { GroupActions, RowActions } from "./RowActions";
import type { TableRow } from "./rows";
import { activeKey, openId, setFolded, tabStop } from "./tableState";

/** What every row has: its place in the tree, its tab stop, its clicks. */
function Frame(props: {
  row: TableRow;
  index: number;
  class?: string;
  id: string | null;
  onMenu?: (event: MouseEvent) => void;
  children: ComponentChildren;
}) {
  const { row, id } = props;
  const hasStop = useComputed(() => tabStop.value === row.key);
  const isOpen = useComputed(() => id !== null && openId.value === id);

  function clicked(event: MouseEvent): void {
    activeKey.value = row.key;
    if (event.target instanceof Element && event.target.closest("a, button, [data-fold]")) return;
    if (id !== null) openDetails(id);
    else setFolded(row.key, row.fold === "open");
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table hears the keys of all its rows
    <div
      class={`row ${props.class ?? ""}`}
      role="row"
      aria-level={row.level + 1}
      aria-rowindex={props.index + 2}
      aria-expanded={row.fold === "none" ? undefined : row.fold === "open"}
      aria-selected={isOpen.value}
      tabIndex={hasStop.value ? 0 : -1}
      data-key={row.key}
      onClick={clicked}
      onContextMenu={props.onMenu}
      onFocus={() => {
        activeKey.value = row.key;
      }}
    >
      {props.children}
    </div>
  );
}

function Twister({ row }: { row: TableRow }) {
  if (row.fold === "none") return <span class="tw" />;
  return (
    <span class="tw" data-fold aria-hidden="true" onClick={() => setFolded(row.key, row.fold === "open")}>
      <Icon name={row.fold === "open" ? "down" : "chevron"} />
    </span>
  );
}

function toneClass({ tone }: Look): string {
  if (tone === "idle") return "dim";
  return tone === "ok" ? "calm" : "";
}

function Urls({ resource }: { resource: Snapshot }) {
  const [first] = resource.urls;
  if (!first) return null;
  return (
    <>
      {isLink(first.url) ? (
        <a
          class="cut"
          tabIndex={-1}
          href={first.url}
          target="_blank"
          rel="noopener"
          title={`${first.url} (u)`}
        >
          {shortUrl(first.url)}
        </a>
      ) : (
        <span class="cut quiet" title={first.url}>
          {shortUrl(first.url)}
        </span>
      )}
      {resource.urls.length > 1 && (
        <span class="plus" title={resource.urls.map(({ url }) => url).join("\n")}>
          +{resource.urls.length - 1}
        </span>
      )}
    </>
  );
}

function ResourceRow({ row, index }: { row: TableRow & { kind: "resource" | "replica" }; index: number }) {
  const resource = findPart(row.id);
  if (!resource) return null;
  const look = stateLook(resource);
  const declared = modelOf(resource.name);
  const source = sourceOf(resource, declared);
  const replicas = resource.replicas.length;
  const reason = reasonOf(resource);
  return (
    <Frame
      row={row}
      index={index}
      id={row.id}
      class={toneClass(look)}
      onMenu={(event) => openMenuAt(`Menu of ${resource.name}`, event, () => menuItems(resource))}
    >
      <div class={`name lv${Math.min(row.level, 6)}`} role="gridcell">
        <Twister row={row} />
        <span class="kind" title={resource.type}>
          <Icon name={kindIcon(resource)} size={15} />
        </span>
        <a
          class="nm"
          tabIndex={-1}
          href={writeAddress("resources", [row.id])}
          title={resource.name}
          onClick={(event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
            event.preventDefault();
            openDetails(row.id);
          }}
        >
          {resource.name}
        </a>
        {replicas > 1 && <span class="x">×{replicas}</span>}
        {declared?.kept && (
          <span class="x" title="Kept when the app stops">
            kept
          </span>
        )}
      </div>
      <div class="why" role="gridcell">
        <StateBadge look={look} />
        {reason && (
          <span class="cut" title={reason}>
            {reason}
          </span>
        )}
      </div>
      <div class="url c-url" role="gridcell">
        <Urls resource={resource} />
      </div>
      <div class="src cut c-src" role="gridcell" title={source}>
        {source}
      </div>
      <div class="act c-act" role="gridcell">
        <UsageCell id={row.id} />
      </div>
      <div class="up c-up" role="gridcell">
        <AgeCell id={row.id} />
      </div>
      <div class="acts" role="gridcell">
        <RowActions resource={resource} />
      </div>
    </Frame>
  );
}

function GroupRow({ row, index }: { row: TableRow & { kind: "group" }; index: number }) {
  return (
    <Frame row={row} index={index} id={null} class="group calm">
      <div class="name" role="gridcell">
        <Twister row={row} />
        <span class="kind">
          <Icon name="workload" size={15} />
        </span>
        <span class="nm">{row.name}</span>
        <span class="x">{row.ids.length}</span>
      </div>
      <div class="why" role="gridcell">
        {row.summary.map(({ look, count }) => (
          <StateBadge key={look.word} look={{ ...look, word: `${count} ${look.word}` }} />
        ))}
      </div>
      <div class="act c-act" role="gridcell">
        <GroupUsageCell ids={row.ids} />
      </div>
      <div class="up c-up" role="gridcell" />
      <div class="acts" role="gridcell">
        <GroupActions name={row.name} ids={row.ids} />
      </div>
    </Frame>
  );
}

function RestRow({ row, index }: { row: TableRow & { kind: "rest" }; index: number }) {
  return (
    <Frame row={row} index={index} id={null} class="more calm">
      <div class="name lv1" role="gridcell">
        <Twister row={row} />
        <span class="kind">
          <Icon name="resources" size={15} />
        </span>
        <span class="nm">
          {row.count} calm resource{row.count === 1 ? "" : "s"}
        </span>
      </div>
    </Frame>
  );
}

/** A row of the table. */
export function Row({ row, index }: { row: TableRow; index: number }) {
  switch (row.kind) {
    case "resource":
    case "replica":
      return <ResourceRow row={row} index={index} />;
    case "group":
      return <GroupRow row={row} index={index} />;
    case "rest":
      return <RestRow row={row} index={index} />;
  }
}
