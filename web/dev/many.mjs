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
