// The cluster of the sample shop.
const AT = Date.now() / 1000;

const pod = (owner, namespace, name, node, more = {}) => ({
  id: `${owner}/Pod/${namespace}/${name}`,
  name,
  namespace,
  state: "Running",
  healthy: true,
  ready: 1,
  containers: 1,
  restarts: 0,
  node,
  started_at: AT - 660,
  ...more,
});

const workload = (owner, kind, namespace, name, pods, mine = true) => ({
  id: `${owner ?? "k8s"}/${kind}/${namespace}/${name}`,
  name,
  namespace,
  kind,
  owner,
  mine,
  ready: pods.filter((each) => each.healthy).length,
  wanted: pods.length,
  pods,
});

const node = (name, resource, role, cpu, memory, pods) => ({
  name,
  resource,
  role,
  ready: true,
  reason: "",
  cpu,
  cpu_limit: 400,
  memory: memory * 2 ** 30,
  memory_limit: 29.3 * 2 ** 30,
  pods,
  pod_limit: 110,
});

const event = (ago, warning, reason, object, message, count = 1, namespace = "default") => ({
  time: AT - ago,
  warning,
  reason,
  object,
  namespace,
  message,
  count,
});

const RATES = "rates-6f9c7d8b54-x2k4q";

/** What the API server and the nodes say. */
export const CLUSTER = {
  name: "k8s",
  version: "v1.36.0+k3s1",
  address: "https://localhost:6443",
  kubeconfig: "/home/dev/.local/state/fairlead/shop-3f9a1c/k8s.kubeconfig",
  ready_after: 43,
  nodes: [
    node("k8s-server-0", "k8s", "control plane", 96, 0.93, 12),
    node("k8s-agent-0", "k8s/Node/-/k8s-agent-0", "agent", 36, 0.45, 6),
  ],
  workloads: [
    workload("rates", "Deployment", "default", "rates", [
      pod("rates", "default", RATES, "k8s-agent-0", {
        state: "ImagePullBackOff",
        healthy: false,
        ready: 0,
        restarts: 0,
      }),
    ]),
    workload("search", "StatefulSet", "search", "search-meilisearch", [
      pod("search", "search", "search-meilisearch-0", "k8s-agent-0"),
    ]),
    workload(
      null,
      "Deployment",
      "kube-system",
      "coredns",
      [pod("k8s", "kube-system", "coredns-5688667fd4-qwv2l", "k8s-server-0")],
      false,
    ),
    workload(
      null,
      "DaemonSet",
      "kube-system",
      "svclb-search",
      [
        pod("k8s", "kube-system", "svclb-search-4k2pw", "k8s-server-0"),
        pod("k8s", "kube-system", "svclb-search-9x8zn", "k8s-agent-0"),
      ],
      false,
    ),
    workload(
      null,
      "Deployment",
      "kube-system",
      "local-path-provisioner",
      [pod("k8s", "kube-system", "local-path-provisioner-774c6665dc-6fmtb", "k8s-server-0")],
      false,
    ),
  ],
  events: [
    event(53, true, "Failed", `Pod/${RATES}`, 'Back-off pulling image "shop/rates:dev"', 6),
    event(697, true, "ErrImagePull", `Pod/${RATES}`, "pull access denied, repository does not exist"),
    event(698, false, "Scheduled", `Pod/${RATES}`, "Assigned to k8s-agent-0"),
    event(752, false, "Started", "Pod/search-meilisearch-0", "Started container meilisearch", 1, "search"),
    event(766, false, "Pulling", "Pod/search-meilisearch-0", "Pulling image", 1, "search"),
    event(795, false, "ScalingReplicaSet", "Deployment/coredns", "Scaled up to 1", 1, "kube-system"),
    event(797, false, "NodeReady", "Node/k8s-agent-0", "Node is ready", 1, ""),
  ],
};
