// The sample app: a shop in the middle of a bad day. Times are seconds before now.
const AT = Date.now() / 1000;
const FILE = "/home/dev/shop/apphost.py";

const command = (name, display, more = {}) => ({
  name,
  display,
  confirm: null,
  inputs: [],
  enabled: true,
  why_not: "",
  effects: [],
  ...more,
});

const lifecycle = (state) =>
  ["Running", "Starting", "Building"].includes(state)
    ? [command("stop", "Stop"), command("restart", "Restart")]
    : [command("start", state === "Waiting" ? "Start without waiting" : "Start")];

const wait = (resource, condition, satisfied = true, why_not = "") => ({
  resource,
  condition,
  satisfied,
  since: AT - 840,
  why_not,
  took: satisfied ? 1.9 : null,
});

const variable = (name, value, origin, secret = false, origin_resource = origin) => ({
  name,
  value: secret ? "***" : value,
  secret,
  origin,
  origin_resource,
});

const ENVIRONMENT = [
  variable("ConnectionStrings__orders", "", "orders", true),
  variable("ORDERS_HOST", "localhost", "orders"),
  variable("ORDERS_PORT", "5432", "orders"),
  variable("ORDERS_PASSWORD", "", "pg-password", true),
  variable("CACHE_URL", "redis://localhost:6379/0", "cache"),
  variable("SEARCH_API_URL", "http://localhost:30770", "search-api"),
  variable("OTEL_SERVICE_NAME", "api", "telemetry", false, null),
  variable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:18889", "telemetry", false, null),
];

let version = 0;

/** A snapshot with what the control API always sends. */
export function snapshot(id, type, state, more = {}) {
  version += 1;
  const { age = 780, line, ...fields } = more;
  return {
    id,
    name: id,
    type,
    origin: "declared",
    owner: null,
    parent: null,
    state,
    health: null,
    reports: [],
    ready: state === "Running",
    ready_failure: "",
    exit_code: null,
    end_failure: "",
    reason: "",
    summary: more.reason ?? "",
    remedy: "",
    restart_reason: "",
    raw: "",
    failure: "",
    word: "",
    restarts: 0,
    state_since: AT - age,
    stop_requested: false,
    waiting_for: [],
    blocked_by: [],
    waits: [],
    declared: line ? { file: FILE, line } : null,
    icon: null,
    urls: [],
    endpoints: [],
    environment: [],
    replicas: [],
    commands: more.origin === "observed" ? [] : lifecycle(state),
    properties: {},
    outputs: [],
    starts: 1,
    started_at: ["Running", "Finished"].includes(state) ? AT - age : null,
    stopped_at: null,
    version,
    ...fields,
  };
}

const url = (name, address) => ({ name, url: address });
const endpoint = (name, address, seen_from = "host", note = "") => ({ name, address, seen_from, note });
const report = (name, status, description, more = {}) => ({
  name,
  status,
  description,
  checked_at: AT - 2,
  expected: "",
  got: "",
  duration: 0.0003,
  since: AT - 780,
  ...more,
});
const observed = (owner, parent, source, more = {}) => ({
  origin: "observed",
  owner,
  parent,
  properties: { source, ...more },
});

const POD = "rates/Pod/default/rates-6f9c7d8b54-x2k4q";
const UNHEALTHY = {
  health: "Unhealthy",
  reports: [
    report("GET /healthz", "Unhealthy", "503, expected 200", {
      expected: "200",
      got: "503",
      duration: 0.012,
      since: AT - 48,
    }),
    report("TCP :41802", "Healthy", "accepted"),
  ],
};

/** The resources of the shop. */
export function resources() {
  return [
    snapshot("web", "Container", "Running", {
      health: "Healthy",
      line: 24,
      urls: [url("http", "http://localhost:8080")],
      endpoints: [endpoint("http", "http://localhost:8080"), endpoint("http", "http://web:80", "container")],
      properties: { image: "nginx:1.22-bookworm", container: "shop-web" },
    }),
    snapshot("api", "Uvicorn app", "Running", {
      health: "Unhealthy",
      line: 14,
      reason: "1 of 2 replicas healthy",
      urls: [url("http", "http://localhost:8000"), url("docs", "http://localhost:8000/docs")],
      properties: {},
      environment: ENVIRONMENT,
      waits: [wait("orders", "healthy"), wait("cache", "healthy"), wait("migrate", "completed")],
    }),
    snapshot("api-1", "Replica", "Running", {
      parent: "api",
      health: "Healthy",
      line: 14,
      urls: [url("http", "http://localhost:41801")],
      properties: { pid: "41207" },
      environment: ENVIRONMENT,
    }),
    snapshot("api-2", "Replica", "Running", {
      parent: "api",
      line: 14,
      reason: "GET /healthz answered 503 for 48 s",
      urls: [url("http", "http://localhost:41802")],
      endpoints: [
        endpoint("http", "http://localhost:41802", "host", "internal"),
        endpoint("http", "host.docker.internal:49802", "container", "forwarded"),
      ],
      properties: { pid: "41211" },
      environment: ENVIRONMENT,
      waits: [wait("orders", "healthy"), wait("cache", "healthy"), wait("migrate", "completed")],
      commands: [
        ...lifecycle("Running"),
        command("dump-stacks", "Dump thread stacks"),
        command("reset-pool", "Empty connection pool", {
          confirm: "Empty the connection pool of api-2?",
          effects: ["Requests that hold a connection fail", "15 connections to orders are closed"],
        }),
      ],
      ...UNHEALTHY,
    }),
    snapshot("worker", "Python app", "Waiting", {
      line: 21,
      reason: "for payment-key (no value)",
      waiting_for: ["payment-key (no value)"],
      blocked_by: ["payment-key"],
      properties: {},
      environment: [{ ...variable("PAYMENT_KEY", "", "payment-key", true) }, ...ENVIRONMENT],
      waits: [
        wait("payment-key", "value", false, "has no value"),
        wait("orders", "healthy"),
        wait("cache", "healthy"),
        wait("search-api", "healthy"),
      ],
      commands: [
        ...lifecycle("Waiting"),
        command("replay", "Replay outbox", {
          enabled: false,
          why_not: "worker is waiting",
          inputs: [
            { name: "since", label: "Since", kind: "text", required: true, default: "1 hour", choices: [] },
            { name: "limit", label: "At most", kind: "number", required: false, default: 100, choices: [] },
          ],
        }),
      ],
    }),
    snapshot("migrate", "Python app", "Finished", {
      line: 12,
      exit_code: 0,
      reason: "exit 0 after 3.1 s",
      stopped_at: AT - 837,
      properties: {},
    }),
    snapshot("seed", "Executable", "NotStarted", {
      line: 27,
      reason: "starts on request",
      properties: {},
      commands: [
        command("start", "Start"),
        command("seed", "Seed with", {
          inputs: [
            { name: "rows", label: "Rows", kind: "number", required: true, default: 100, choices: [] },
            {
              name: "kind",
              label: "Kind of data",
              kind: "choice",
              required: false,
              default: "small",
              choices: ["small", "large"],
            },
            { name: "token", label: "Token", kind: "secret", required: false, default: null, choices: [] },
            {
              name: "wipe",
              label: "Empty the tables first",
              kind: "boolean",
              required: false,
              default: false,
              choices: [],
            },
          ],
        }),
      ],
    }),
    snapshot("pg", "Postgres", "Running", {
      health: "Healthy",
      line: 7,
      age: 172800,
      urls: [url("tcp", "tcp://localhost:5432")],
      properties: { image: "postgres:16", lifetime: "persistent" },
      commands: [
        ...lifecycle("Running"),
        command("delete-data", "Delete data of", {
          confirm: "Delete the data of pg?",
          effects: [
            "api and web stop first, then pg",
            "migrate runs again (3.1 s last time)",
            "pg-password is kept",
          ],
        }),
      ],
    }),
    snapshot("orders", "Postgres database", "Running", {
      parent: "pg",
      health: "Healthy",
      line: 8,
      age: 172800,
      properties: { source: "orders on pg" },
    }),
    snapshot("pg-password", "Parameter", "Active", {
      parent: "pg",
      line: 7,
      reason: "secret",
      properties: { source: "generated, stored" },
      commands: [],
    }),
    snapshot("cache", "Redis", "Running", {
      health: "Healthy",
      line: 9,
      urls: [url("tcp", "tcp://localhost:6379")],
      properties: { image: "redis:7" },
    }),
    snapshot("k8s", "K3s cluster", "Running", {
      health: "Healthy",
      line: 30,
      age: 720,
      reason: "2 of 2 nodes ready",
      urls: [url("api", "https://localhost:6443")],
      properties: { version: "k3s v1.36.0" },
    }),
    snapshot("k8s/Node/-/k8s-agent-0", "Agent node", "Running", {
      name: "k8s-agent-0",
      age: 720,
      health: "Healthy",
      ...observed("k8s", "k8s", "k3s v1.36.0"),
    }),
    snapshot("widget-crd", "Manifests", "Finished", {
      parent: "k8s",
      line: 31,
      reason: "3 objects applied",
      properties: { source: "./k8s/crds" },
    }),
    snapshot("search", "Helm release", "Finished", {
      parent: "k8s",
      line: 32,
      reason: "1 of 1 workloads rolled out",
      properties: { source: "meilisearch 0.12.0" },
    }),
    snapshot("search/StatefulSet/search/search-meilisearch", "StatefulSet", "Running", {
      name: "search-meilisearch",
      health: "Healthy",
      age: 660,
      reason: "1 of 1 pods ready",
      ...observed("search", "search", "meilisearch:v1.11"),
    }),
    snapshot("rates", "Manifests", "Running", {
      parent: "k8s",
      health: "Unhealthy",
      age: 660,
      line: 35,
      reason: "0 of 1 workloads rolled out",
      properties: { source: "./k8s/rates" },
      commands: [
        ...lifecycle("Running"),
        command("load-image", "Load image", { effects: ["shop/rates:dev is copied to both nodes of k8s"] }),
      ],
    }),
    snapshot("rates/Deployment/default/rates", "Deployment", "Running", {
      name: "rates",
      health: "Unhealthy",
      age: 660,
      reason: "0 of 1 pods ready",
      ...observed("rates", "rates", "shop/rates:dev"),
    }),
    snapshot(POD, "Pod", "FailedToStart", {
      name: "rates-6f9c7d8b54-x2k4q",
      started_at: AT - 660,
      reason: "the cluster has no image shop/rates:dev",
      ...observed("rates", "rates/Deployment/default/rates", "on k8s-agent-0", { word: "ImagePullBackOff" }),
    }),
    snapshot("search-api", "Service endpoint", "Running", {
      parent: "k8s",
      health: "Healthy",
      age: 660,
      line: 33,
      urls: [url("http", "http://localhost:30770")],
      properties: { source: "svc/search-meilisearch:7700" },
    }),
    snapshot("payments", "External service", "Active", {
      line: 10,
      urls: [url("https", "https://payments.example.com")],
      properties: { source: "payments.example.com" },
      commands: [],
    }),
    snapshot("payment-key", "Parameter", "ValueMissing", {
      line: 11,
      reason: "worker waits for it",
      properties: { source: "secret" },
      commands: [],
    }),
  ];
}

const cause = (id, severity, title, what, more) => ({
  id,
  resource: id,
  name: id,
  severity,
  title,
  what,
  raw: "",
  remedy: "",
  file: FILE,
  line: null,
  since: AT - 780,
  waiting: [],
  action: { kind: "details", label: "See why", resource: id, command: null },
  ...more,
});

/** What needs a person. */
export const CAUSES = [
  cause(
    "payment-key",
    "warning",
    "payment-key has no value",
    "Secret parameter. worker has waited 13 min for it.",
    {
      line: 11,
      waiting: ["worker"],
      remedy: "Enter the value here, or set FAIRLEAD_PARAMETER_PAYMENT_KEY and run again.",
      action: { kind: "parameter", label: "Enter value", resource: "payment-key", command: null },
    },
  ),
  cause(
    POD,
    "error",
    "rates: image is not in the cluster",
    'apphost.py:35 needs load_image("shop/rates:dev").',
    {
      name: "rates",
      line: 35,
      raw: 'Failed to pull image "shop/rates:dev": pull access denied',
      remedy: 'Load image into k8s, or k8s.load_image("shop/rates:dev") at apphost.py:35.',
      action: { kind: "command", label: "Load image", resource: "rates", command: "load-image" },
    },
  ),
  cause("api-2", "warning", "api-2 is unhealthy", "GET /healthz answered 503, expected 200, for 48 s.", {
    line: 14,
    since: AT - 48,
    raw: "Body: QueuePool limit of size 5 overflow 10 reached, connection timed out",
    remedy:
      "Transactions are probably left open. 15 connections from api-2 to orders are idle in transaction; the oldest began in POST /api/orders.",
  }),
];

/** What happened to a resource. */
export function eventsOf(resource) {
  const all = [
    [838, "wait", "wait", "Waits over: orders, cache, migrate"],
    [837, "state", "busy", "Started, pid 41211, port 41802"],
    [835, "health", "ok", "Healthy 1.8 s after start; released web"],
    [48, "health", "warn", "Became unhealthy: GET /healthz answered 503"],
  ];
  return all.map(([ago, kind, tone, text], number) => ({
    number,
    time: AT - ago,
    resource,
    kind,
    tone,
    text,
    generation: 1,
  }));
}

const references = (...names) =>
  names.map((resource) => ({ resource, endpoint: null, connection_name: null, optional: false }));
const declared = (name, made_from, more = {}) => ({
  name,
  made_from,
  kept: false,
  references: [],
  waits: [],
  volumes: [],
  arguments: [],
  ...more,
});

/** What the definition says. */
export const MODEL = {
  name: "shop",
  file: FILE,
  resources: [
    declared("web", "nginx:1.22-bookworm", { references: references("api") }),
    declared("api", "api.main:app", { references: references("orders", "cache", "search-api", "payments") }),
    declared("worker", "api.worker", {
      references: references("orders", "cache", "search-api", "payment-key"),
      volumes: [{ kind: "bind", source: "./data/outbox", target: "/app/outbox", read_only: false }],
    }),
    declared("migrate", "api.migrate", { references: references("orders") }),
    declared("seed", "./scripts/seed.sh"),
    declared("pg", "postgres:16", {
      kept: true,
      volumes: [
        { kind: "volume", source: "shop-pg-data", target: "/var/lib/postgresql/data", read_only: false },
      ],
    }),
    declared("cache", "redis:7"),
  ],
};

const SOURCE = [
  '    region = app.add_parameter("region")',
  '    api = app.add_uvicorn_app("api", "./api", "api.main:app")',
  "        .with_reference(orders).with_reference(cache)",
];

/** The lines that declare a resource. */
export function sourceOf() {
  const lines = SOURCE.map((text, at) => ({ number: 13 + at, text, declares: at > 0 }));
  return { file: FILE, line: 14, changed: false, lines };
}

/** What runs. */
export const APP = {
  app_id: "shop-1",
  name: "shop",
  apphost: FILE,
  pid: 4120,
  started: AT - 840,
  run_id: "r1",
  socket: "",
  definition: "",
  dashboard: null,
};
