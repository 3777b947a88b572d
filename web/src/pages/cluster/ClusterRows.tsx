import { useComputed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Snapshot } from "../../api/schema";
import { Button } from "../../components/Button";
import { Icon } from "../../components/marks/Icon";
import { StateBadge } from "../../components/marks/StateBadge";
import { isCalm, type Look } from "../../components/marks/stateLook";
import { MenuButton } from "../../components/overlays/MenuButton";
import { copy } from "../../state/clipboard";
import { now } from "../../state/clock";
import { shortDuration } from "../../state/format";
import { type MenuItem, openMenuAt } from "../../state/menu";
import { queryValue, setQuery } from "../../state/place/route";
import { causeOf } from "../../state/run/causes";
import { resources } from "../../state/run/resources";
import { consoleAddress, menuItems } from "../resources/actions";
import { activeKey, setOpen, tabStop } from "./clusterState";
import { podLook, workloadLook } from "./looks";
import { PodWhy } from "./PodWhy";
import type { ClusterRow } from "./rows";

/** An object of the cluster as `kubectl` calls it. */
interface Named {
  kind: string;
  name: string;
  namespace: string;
}

function kubectlItems({ kind, name, namespace }: Named): readonly MenuItem[] {
  const target = `${kind.toLowerCase()}/${name}`;
  return [
    {
      label: "Copy kubectl describe",
      icon: "copy",
      apart: true,
      run: () => void copy(`kubectl -n ${namespace} describe ${target}`, "Command"),
    },
    {
      label: "Copy kubectl logs",
      icon: "copy",
      run: () => void copy(`kubectl -n ${namespace} logs -f ${target}`, "Command"),
    },
  ];
}

/** The menu of a row: what there is for any resource, and commands for a terminal. */
export function rowMenu(id: string, named: Named): readonly MenuItem[] {
  const resource = resources.get(id);
  const { namespace } = named;
  return [
    ...(resource ? menuItems(resource) : []),
    {
      label: `Only namespace ${namespace}`,
      icon: "filter",
      apart: true,
      run: () => setQuery({ ns: namespace }),
    },
    ...kubectlItems(named),
  ];
}

function Actions({ id, named }: { id: string; named: Named }) {
  return (
    <span role="gridcell" class="acts">
      <Button
        label={`Log of ${named.name}`}
        title={`Log of ${named.name} (l)`}
        icon="console"
        iconOnly
        small
        look="ghost"
        tabIndex={-1}
        href={consoleAddress(id)}
      />
      <MenuButton
        label={`More for ${named.name}`}
        title={`More for ${named.name} (.)`}
        menuLabel={`Menu of ${named.name}`}
        small
        tabIndex={-1}
        items={() => rowMenu(id, named)}
      />
    </span>
  );
}

function Frame(props: {
  row: ClusterRow;
  class: string;
  level: number;
  named: Named;
  children: ComponentChildren;
}) {
  const { row, named } = props;
  const hasStop = useComputed(() => tabStop.value === row.key);
  const isSelected = row.kind === "pod" && queryValue("pod") === row.pod.name;

  function clicked(event: MouseEvent): void {
    activeKey.value = row.key;
    if (event.target instanceof Element && event.target.closest("a, button")) return;
    if (row.kind === "pod") setQuery({ pod: isSelected ? null : row.pod.name });
    else setOpen(row.key, row.fold !== "open");
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the table hears the keys of all its rows
    <div
      class={`wl ${props.class}`}
      role="row"
      aria-level={props.level}
      aria-expanded={row.kind === "workload" && row.fold !== "none" ? row.fold === "open" : undefined}
      aria-selected={isSelected}
      tabIndex={hasStop.value ? 0 : -1}
      data-key={row.key}
      onClick={clicked}
      onContextMenu={(event) => openMenuAt(`Menu of ${named.name}`, event, () => rowMenu(row.key, named))}
      onFocus={() => {
        activeKey.value = row.key;
      }}
    >
      {props.children}
      <Actions id={row.key} named={named} />
    </div>
  );
}

/** Whether there is something to say of why a row is not well. */
function hasReason(snapshot: Snapshot | undefined, look: Look): snapshot is Snapshot {
  return (
    snapshot !== undefined && !isCalm(look) && (causeOf.value.has(snapshot.id) || snapshot.reason !== "")
  );
}

function WorkloadRow({ row }: { row: ClusterRow & { kind: "workload" } }) {
  const { workload, fold } = row;
  const { name, kind, namespace, pods } = workload;
  const snapshot = resources.row(workload.id)?.value;
  const look = workloadLook(workload, snapshot);
  // A pod says more than the workload that it belongs to.
  const said = pods.some((pod) => hasReason(resources.row(pod.id)?.value, podLookOf(pod)));
  return (
    <>
      <Frame row={row} class="w" level={1} named={{ kind, name, namespace }}>
        <span role="gridcell" class="name">
          {fold === "none" ? (
            <span class="nofold" />
          ) : (
            <Icon name={fold === "open" ? "down" : "chevron"} size={12} />
          )}
          <Icon name="workload" size={15} />
          <b class="cut">{name}</b>
        </span>
        <span role="gridcell">
          <StateBadge look={look} />
        </span>
        <span role="gridcell" class="what quiet cut">
          {kind}, {namespace}
        </span>
      </Frame>
      {!said && hasReason(snapshot, look) && <PodWhy resource={snapshot} look={look} />}
    </>
  );
}

function podLookOf(pod: (ClusterRow & { kind: "pod" })["pod"]): Look {
  return podLook(pod, resources.row(pod.id)?.value, causeOf.value.get(pod.id));
}

function PodRow({ row }: { row: ClusterRow & { kind: "pod" } }) {
  const { pod } = row;
  const { name, namespace, ready, containers, restarts, node, started_at } = pod;
  const snapshot = resources.row(pod.id)?.value;
  const look = podLookOf(pod);
  return (
    <>
      <Frame row={row} class="p" level={2} named={{ kind: "pod", name, namespace }}>
        <span role="gridcell" class="pn cut" title={name}>
          {name}
        </span>
        <span role="gridcell">
          <StateBadge look={look} />
        </span>
        <span role="gridcell" class="num">
          {ready}/{containers}
        </span>
        <span role="gridcell" class="num quiet">
          {restarts}
        </span>
        <span role="gridcell" class="quiet cut">
          {node ?? "on no node"}
        </span>
        <span role="gridcell" class="num quiet">
          {started_at === null ? "" : shortDuration(now.value - started_at)}
        </span>
      </Frame>
      {hasReason(snapshot, look) && <PodWhy resource={snapshot} look={look} />}
    </>
  );
}

/** A workload or one of its pods; below it why it is not well, if it is not. */
export function Row({ row }: { row: ClusterRow }) {
  return row.kind === "workload" ? <WorkloadRow row={row} /> : <PodRow row={row} />;
}
