import type { NodeView, Snapshot } from "../../api/schema";
import { CopyButton } from "../../components/CopyButton";
import { Icon } from "../../components/marks/Icon";
import { kindIcon } from "../../components/marks/kinds";
import { StateBadge } from "../../components/marks/StateBadge";
import { stateLook } from "../../components/marks/stateLook";
import { bytes, counted } from "../../state/format";
import { model } from "../../state/run/app";
import { isLink, shortUrl, sourceOf } from "../resources/facts";
import { cluster, clusterDocument, detailsAddress, parts } from "./clusterState";
import { share } from "./share";

function Meter(props: { name: string; part: number | null; text: string }) {
  return (
    <div class="meter">
      <span>{props.name}</span>
      <i style={{ "--p": `${props.part ?? 0}%` }} />
      <span>{props.text}</span>
    </div>
  );
}

function Node({ node }: { node: NodeView }) {
  const { name, role, ready, reason, cpu, cpu_limit, memory, memory_limit, pods, pod_limit } = node;
  const cpuPart = share(cpu, cpu_limit);
  const look = ready
    ? ({ shape: "ok", tone: "ok", word: "Ready" } as const)
    : ({ shape: "warn", tone: "warn", word: "Not ready" } as const);
  return (
    <div class="nodec">
      <div class="ttl">
        <Icon name="node" size={15} />
        <a class="nodename cut" href={detailsAddress(node.resource)}>
          {name}
        </a>
        <span class="quiet role">{role}</span>
        <StateBadge look={look} />
      </div>
      {reason && <p class="quiet">{reason}</p>}
      <Meter name="CPU" part={cpuPart} text={cpuPart === null ? "not known" : `${Math.round(cpuPart)} %`} />
      <Meter
        name="Memory"
        part={share(memory, memory_limit)}
        text={memory === null ? "not known" : bytes(memory)}
      />
      <Meter name="Pods" part={share(pods, pod_limit)} text={`${pods} of ${pod_limit}`} />
    </div>
  );
}

function Part({ resource }: { resource: Snapshot }) {
  const { id, name, properties, summary, urls } = resource;
  const definition = model.value?.resources.find((each) => each.name === name);
  const url = urls.find((each) => isLink(each.url));
  const source =
    properties.chart ?? properties.path?.split("/").slice(-2).join("/") ?? sourceOf(resource, definition);
  const note = properties.service
    ? `svc/${properties.service}`
    : properties.revision
      ? `revision ${properties.revision}`
      : properties.objects
        ? counted(Number(properties.objects), "object")
        : "";
  return (
    <li>
      <span class="part">
        <Icon name={kindIcon(resource)} size={15} />
        <a href={detailsAddress(id)} class="cut" title={name}>
          {name}
        </a>
      </span>
      <span class="facts">
        {url ? (
          <a class="mono cut" href={url.url} target="_blank" rel="noreferrer">
            {shortUrl(url.url)}
          </a>
        ) : (
          <span class="mono cut" title={properties.path ?? source}>
            {source}
          </span>
        )}
        <small class="cut" title={summary || note}>
          {summary || note}
        </small>
      </span>
      <span class="rt">
        <StateBadge look={stateLook(resource)} />
      </span>
    </li>
  );
}

function Parts({ title, resources }: { title: string; resources: readonly Snapshot[] }) {
  if (resources.length === 0) return null;
  return (
    <section>
      <div class="sh">
        <h2>{title}</h2>
      </div>
      <ul class="kv">
        {resources.map((resource) => (
          <Part key={resource.id} resource={resource} />
        ))}
      </ul>
    </section>
  );
}

/** Nodes, releases and manifests, endpoints, and how to get there from a terminal. */
export function Side() {
  const nodes = clusterDocument.value?.nodes ?? [];
  const ready = nodes.filter((node) => node.ready).length;
  const shown = parts.value.map((resource) => ({ resource, icon: kindIcon(resource) }));
  const of = (...icons: string[]) =>
    shown.filter(({ icon }) => icons.includes(icon)).map(({ resource }) => resource);
  const command = `export KUBECONFIG=$(fairlead kubeconfig ${cluster.value?.name ?? ""})`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
    <aside class="right" tabIndex={0} aria-label="Nodes, releases and endpoints">
      <section>
        <div class="sh">
          <h2>Nodes</h2>
          {nodes.length > 0 && (
            <span>
              {ready} of {nodes.length} ready
            </span>
          )}
        </div>
        {nodes.length === 0 && <p class="quiet">No node has reported yet.</p>}
        {nodes.map((node) => (
          <Node key={node.name} node={node} />
        ))}
      </section>
      <Parts title="Releases and manifests" resources={of("release", "manifest")} />
      <Parts title="Service endpoints" resources={of("endpoint")} />
      <section>
        <div class="sh">
          <h2>From a terminal</h2>
        </div>
        <div class="term">
          <code>{command}</code>
          <CopyButton label="Copy command" text={command} />
        </div>
      </section>
    </aside>
  );
}
