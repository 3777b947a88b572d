import { Icon } from "../../components/marks/Icon";
import { kindIcon } from "../../components/marks/kinds";
import { StateBadge } from "../../components/marks/StateBadge";
import { isCalm, stateLook } from "../../components/marks/stateLook";
import { isPlainClick } from "../../state/place/route";
import { resources } from "../../state/run/resources";
import { found, nodeAddress, selectAddress, selection } from "./graphState";
import type { PlacedNode } from "./layout/types";
import { needWords } from "./needs";

/** A resource in the graph. It leads to its details. */
export function GraphNode({ node, isStop }: { node: PlacedNode; isStop: boolean }) {
  const { id, x, y } = node;
  const resource = resources.row(id)?.value;
  if (!resource) return null;
  const look = stateLook(resource);
  const alert = !isCalm(look);
  const chosen = selection.value?.kind === "node" && selection.value.id === id;
  const match = found.value;
  const names = [
    "gn",
    `t-${look.tone}`,
    alert ? "alert" : "",
    chosen ? "sel" : "",
    match ? (match.has(id) ? "match" : "other") : "",
  ];
  const reason =
    alert && resource.state !== "Waiting" && resource.type !== "Parameter" ? resource.summary : "";
  const replicas = resource.replicas.length;
  const unseen = [resource.type, needWords(id)].filter((word) => word !== "").join(", ");
  return (
    <a
      class={names.filter((name) => name !== "").join(" ")}
      href={nodeAddress(id)}
      style={{ left: `${x}px`, top: `${y}px` }}
      tabIndex={isStop ? 0 : -1}
      data-node={id}
      aria-current={chosen ? "true" : undefined}
      draggable={false}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        selectAddress(nodeAddress(id));
      }}
    >
      <span class="l1">
        <Icon name={kindIcon(resource)} />
        <span class="cut" title={resource.name}>
          {resource.name}
        </span>
        {replicas > 1 && <small>×{replicas}</small>}
      </span>
      <span class="l2">
        <StateBadge look={look} />
        {reason && (
          <span class="cut quiet" title={reason}>
            {reason}
          </span>
        )}
      </span>
      <span class="sr">{unseen}</span>
    </a>
  );
}
