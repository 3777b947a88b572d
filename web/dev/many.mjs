// 200 resources whose names have ten first parts; three of them are in trouble.
import { snapshot } from "./shop.mjs";

const TEAMS = [
  "billing",
  "catalog",
  "identity",
  "shipping",
  "search",
  "notify",
  "ledger",
  "pricing",
  "media",
  "risk",
];
const PARTS = [
  "api",
  "worker",
  "jobs",
  "db",
  "cache",
  "gateway",
  "sync",
  "web",
  "events",
  "audit",
  "import",
  "export",
  "mailer",
  "index",
  "rules",
  "admin",
  "feed",
  "cron",
  "done",
  "setup",
];
const TROUBLE = {
  "shipping-api": { state: "Exited", exit_code: 137, reason: "out of memory: used 512 MiB of 512 MiB" },
  "ledger-sync": { state: "Building", reason: "step 7 of 12, 38 s" },
  "pricing-api": {
    state: "Running",
    health: "Unhealthy",
    reason: "GET /healthz timed out after 1 s, 4 times in a row",
  },
};
for (const part of ["worker", "gateway", "web"])
  TROUBLE[`shipping-${part}`] = {
    state: "Waiting",
    reason: "for shipping-api (exited 137)",
    blocked_by: ["shipping-api"],
  };

/** The resources. */
export function manyResources() {
  return TEAMS.flatMap((team, at) =>
    PARTS.map((part) => {
      const name = `${team}-${part}`;
      const { state = part === "done" || part === "setup" ? "Finished" : "Running", ...more } =
        TROUBLE[name] ?? {};
      const urls = part === "api" ? [{ name: "http", url: `http://localhost:${8100 + at}` }] : [];
      return snapshot(name, "Executable", state, {
        health: state === "Running" ? "Healthy" : null,
        urls,
        properties: { source: `${team}.${part}:main` },
        ...more,
      });
    }),
  );
}

const cause = (id, severity, title, what, waiting, action) => ({
  id,
  resource: id,
  name: id,
  severity,
  title,
  what,
  raw: "",
  remedy: "",
  file: null,
  line: null,
  since: 0,
  waiting,
  action,
});

/** What needs a person among them. */
export const MANY_CAUSES = [
  cause(
    "shipping-api",
    "error",
    "shipping-api exited 137",
    "Out of memory: used 512 MiB of 512 MiB. 3 resources wait for it.",
    ["shipping-worker", "shipping-gateway", "shipping-web"],
    { kind: "command", label: "Restart", resource: "shipping-api", command: "start" },
  ),
  cause(
    "pricing-api",
    "warning",
    "pricing-api is unhealthy",
    "GET /healthz timed out after 1 s, 4 times in a row.",
    [],
    { kind: "details", label: "See why", resource: "pricing-api", command: null },
  ),
];

const STATES = [
  ["Running", {}],
  ["Running", { health: "Unhealthy", reason: "a check fails" }],
  ["Running", { health: "Degraded", reason: "a check is not content" }],
  ["Waiting", { reason: "for pg (starting)" }],
  ["Starting", {}],
  ["Building", { reason: "step 7 of 12, 38 s" }],
  ["Stopping", {}],
  ["Finished", { reason: "exit 0 after 3.1 s" }],
  ["Exited", { stop_requested: true, exit_code: 143, reason: "stopped by you" }],
  ["Exited", { exit_code: 137, reason: "out of memory: used 512 MiB of 512 MiB" }],
  ["FailedToStart", { reason: "port 8080 belongs to nginx (pid 812)" }],
  ["ValueMissing", { reason: "worker waits for it" }],
  ["NotStarted", { reason: "starts on request" }],
  ["Active", {}],
  ["RuntimeUnhealthy", { reason: "Docker does not answer" }],
];

/** A resource in each state. */
export function allStates() {
  return STATES.map(([state, more], at) =>
    snapshot(`r${at + 1}-${state.toLowerCase()}`, "Executable", state, more),
  );
}
