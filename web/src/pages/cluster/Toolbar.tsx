import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { FilterChip } from "../../components/FilterChip";
import { Icon } from "../../components/marks/Icon";
import { StateBadge } from "../../components/marks/StateBadge";
import { stateLook } from "../../components/marks/stateLook";
import { MenuButton } from "../../components/overlays/MenuButton";
import { Segmented } from "../../components/Segmented";
import { clusters } from "../../frame/pageState";
import { copy } from "../../state/clipboard";
import { duration } from "../../state/format";
import { writeAddress } from "../../state/place/address";
import { open, setQuery } from "../../state/place/route";
import { commandOf, isRunning, startCommand, whyNot } from "../../state/run/commands";
import { resources } from "../../state/run/resources";
import { menuItems } from "../resources/actions";
import { cluster, clusterDocument, filter } from "./clusterState";

function Facts() {
  const document = clusterDocument.value;
  if (!document) return null;
  const version = document.version.replace(/\+.*$/, "");
  const facts = [
    version && `k3s ${version}`,
    document.ready_after !== null && `ready ${duration(document.ready_after)} after start`,
  ].filter((fact) => fact);
  return <span class="quiet hide facts">{facts.join(" · ")}</span>;
}

/** The heading: the cluster's name, or a choice of several. */
function Title({ id, name }: { id: string; name: string }) {
  if (clusters.value.length < 2) return <h1>{name}</h1>;
  return (
    <>
      <h1 class="sr">{name}</h1>
      <Segmented
        label="Cluster"
        value={id}
        segments={clusters.value.map((each) => ({ value: each, label: resources.get(each)?.name ?? each }))}
        onChange={(value) => open(writeAddress("cluster", [value]))}
      />
    </>
  );
}

/** The cluster, what is shown of it, and what can be done with it. */
export function Toolbar() {
  const resource = cluster.value;
  if (!resource) return null;
  const restart = commandOf(resource, "restart");
  const kubeconfig = clusterDocument.value?.kubeconfig ?? "";
  const { text, namespace, mine } = filter.value;
  return (
    <div class="bar clbar">
      <Icon name="cluster" />
      <Title id={resource.id} name={resource.name} />
      <StateBadge look={stateLook(resource)} />
      <Facts />
      <span class="grow" />
      {namespace && <FilterChip label={`in ${namespace}`} onRemove={() => setQuery({ ns: null })} />}
      <Field
        label="Filter workloads and pods"
        placeholder="Filter"
        icon="search"
        hint="/"
        class="clfind"
        value={text}
        onInput={(value) => setQuery({ q: value })}
      />
      <Segmented
        label="Namespaces"
        class="hide"
        value={mine ? "mine" : "all"}
        segments={[
          { value: "all", label: "All namespaces" },
          { value: "mine", label: "Mine" },
        ]}
        onChange={(value) => setQuery({ mine: value === "mine" ? "1" : null })}
      />
      <Button
        label="Copy KUBECONFIG path"
        icon="copy"
        class="hide"
        whyOff={kubeconfig === "" ? "there is none yet" : ""}
        onClick={() => void copy(kubeconfig, "Path of the kubeconfig")}
      />
      {restart && (
        <Button
          label={`Restart ${resource.name}`}
          icon="restart"
          iconOnly
          class="hide"
          busy={isRunning(resource.id, "restart")}
          whyOff={whyNot(restart)}
          onClick={() => startCommand(resource.id, "restart")}
        />
      )}
      <MenuButton
        label={`More for ${resource.name}`}
        menuLabel={`Menu of ${resource.name}`}
        look="plain"
        items={() => menuItems(resource)}
      />
    </div>
  );
}
