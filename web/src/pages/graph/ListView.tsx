import { Icon } from "../../components/marks/Icon";
import { kindIcon } from "../../components/marks/kinds";
import { Shape } from "../../components/marks/Shape";
import { StateBadge } from "../../components/marks/StateBadge";
import { isCalm, stateLook } from "../../components/marks/stateLook";
import { writeAddress } from "../../state/place/address";
import { isPlainClick } from "../../state/place/route";
import { resources } from "../../state/run/resources";
import { found, graph, lineAddress, nameOf, type ShownLine, selectAddress, selection } from "./graphState";
import { readingOrder } from "./moves";
import { NEED_LOOKS, needsOf } from "./needs";

function Need({ shown: { line, state } }: { shown: ShownLine }) {
  const { shape, tone, words } = NEED_LOOKS[state];
  const address = lineAddress(line.from, line.to);
  const now = selection.value;
  const chosen = now?.kind === "line" && now.from === line.from && now.to === line.to;
  return (
    <a
      class={`t-${tone}`}
      href={address}
      aria-current={chosen ? "true" : undefined}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        selectAddress(address);
      }}
    >
      <Shape name={shape} />
      {nameOf(line.from)} <small>{words}</small>
    </a>
  );
}

function Entry({ id }: { id: string }) {
  const resource = resources.row(id)?.value;
  if (!resource) return null;
  const look = stateLook(resource);
  const needs = needsOf(id);
  return (
    <li>
      <Icon name={kindIcon(resource)} size={15} />
      <span class="gname">
        <a href={writeAddress("resources", [id])} data-panel>
          {resource.name}
        </a>
        <small class="cut">
          {resource.type}
          {resource.parent !== null && `, belongs to ${nameOf(resource.parent)}`}
        </small>
      </span>
      <StateBadge look={look} />
      {!isCalm(look) && resource.summary && <div class="needs reason">{resource.summary}</div>}
      {needs.length > 0 && (
        <div class="needs">
          needs
          {needs.map((shown) => (
            <Need key={shown.line.from} shown={shown} />
          ))}
        </div>
      )}
    </li>
  );
}

/** The graph in words: each resource with what it needs, in the order in which they can start. */
export function ListView() {
  const match = found.value;
  const nodes = readingOrder(graph.value.layout.nodes).filter(({ id }) => match?.has(id) ?? true);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <section class="glistbox" tabIndex={0} aria-label="Resources and what they need">
      <ul class="glist">
        {nodes.map(({ id }) => (
          <Entry key={id} id={id} />
        ))}
      </ul>
      {nodes.length === 0 && <p class="glist-none">No resource is called that.</p>}
    </section>
  );
}
