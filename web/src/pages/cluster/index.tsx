import { useEffect } from "preact/hooks";
import { Button } from "../../components/Button";
import { Callout } from "../../components/Callout";
import { EmptyState } from "../../components/EmptyState";
import { Shape } from "../../components/marks/Shape";
import { stateLook } from "../../components/marks/stateLook";
import { Patience, Skeleton } from "../../components/Skeleton";
import { KeyHint } from "../../frame/Footer";
import { Gone } from "../../frame/Gone";
import { PageFrame } from "../../frame/PageFrame";
import { clusterAddress, clusters } from "../../frame/pageState";
import { counted } from "../../state/format";
import { replace, route } from "../../state/place/route";
import { isStale } from "../../state/run/connection";
import { resources } from "../../state/run/resources";
import { consoleAddress } from "../resources/actions";
import { shortUrl } from "../resources/facts";
import { cluster, clusterDocument, clusterProblem, followCluster } from "./clusterState";
import { Events } from "./Events";
import { totals } from "./rows";
import { Side } from "./Side";
import { Toolbar } from "./Toolbar";
import { Workloads } from "./Workloads";
import "./cluster.css";

function Foot() {
  const document = clusterDocument.value;
  if (!document) return <span>Waiting for the cluster's first answer</span>;
  const { workloads, pods, troubled } = totals(document);
  return (
    <>
      <span>{counted(workloads, "workload")}</span>
      <span>{counted(pods, "pod")}</span>
      {troubled > 0 && (
        <span class="t-bad">
          <Shape name="bad" />
          {troubled} not ready
        </span>
      )}
      <span class="grow" />
      {document.address && <span>API server on {shortUrl(document.address)}, CA verified</span>}
      <KeyHint keys={["L"]} does="log" />
      <KeyHint keys={["D"]} does="describe" />
    </>
  );
}

/** What is shown until the cluster tells of itself: what it does. */
function NotYet() {
  const resource = cluster.value;
  const problem = clusterProblem.value;
  if (problem && resource?.state === "Running") {
    return (
      <div class="page">
        <Callout look={{ shape: "bad", tone: "bad" }} what={problem.message} remedy={problem.remedy} />
      </div>
    );
  }
  if (!resource || resource.state === "Running") {
    return (
      <div class="empty">
        <Patience what="the cluster">
          <Skeleton width={240} />
        </Patience>
      </div>
    );
  }
  return (
    <EmptyState
      icon="cluster"
      title={`${resource.name}: ${stateLook(resource).word}`}
      text={resource.summary || "Its workloads appear here when it is up."}
    >
      <Button label="Console" icon="console" href={consoleAddress(resource.id)} />
    </EmptyState>
  );
}

function Content() {
  const name = route.value.segments[0];
  if (!cluster.value) {
    if (!resources.loaded.value) return <NotYet />;
    return (
      <Gone
        icon="cluster"
        what={name ? `cluster ${name}` : "cluster"}
        text="The app file may have changed since the link was made."
        label="All resources"
        href="/resources"
      />
    );
  }
  return (
    <div class="clpage">
      <Toolbar />
      {clusterDocument.value ? (
        <div class={isStale() ? "cl stale" : "cl"}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
          <div class="left" tabIndex={0} role="region" aria-label="Workloads and events">
            <Workloads />
            <Events />
          </div>
          <Side />
        </div>
      ) : (
        <NotYet />
      )}
    </div>
  );
}

/** The page Cluster: workloads and pods in order of trouble, nodes, releases, endpoints, events. */
export default function ClusterPage() {
  const named = route.value.segments[0] !== undefined;
  useEffect(followCluster, []);
  useEffect(() => {
    if (!named && clusters.value.length > 0) replace(clusterAddress());
  }, [named, clusters.value.length]);
  return (
    <PageFrame
      title={cluster.value?.name ?? "Cluster"}
      heading="Cluster"
      shown={cluster.value !== undefined}
      foot={cluster.value && <Foot />}
    >
      <Content />
    </PageFrame>
  );
}
