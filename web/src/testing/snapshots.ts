import type { Snapshot } from "../api/schema";

/** A snapshot for tests: a healthy running process, but for what is given. */
export function snapshotOf(fields: Partial<Snapshot> & { id: string }): Snapshot {
  return {
    name: fields.id,
    type: "Executable",
    origin: "declared",
    owner: null,
    parent: null,
    state: "Running",
    health: "Healthy",
    reports: [],
    ready: true,
    ready_failure: "",
    exit_code: null,
    end_failure: "",
    failure: "",
    remedy: "",
    raw: "",
    word: "",
    restarts: 0,
    restart_reason: "",
    reason: "",
    state_since: null,
    summary: "",
    stop_requested: false,
    waiting_for: [],
    blocked_by: [],
    waits: [],
    declared: null,
    icon: null,
    urls: [],
    endpoints: [],
    environment: [],
    replicas: [],
    commands: [],
    properties: {},
    outputs: [],
    starts: 1,
    started_at: 0,
    stopped_at: null,
    version: 1,
    ...fields,
  };
}

/** A running replica for tests. */
export function replicaOf(number: number, id: string): Snapshot["replicas"][number] {
  return {
    number,
    id,
    state: "Running",
    exit_code: null,
    health: "Healthy",
    reports: [],
    reason: "",
    urls: [],
    started_at: 0,
    stopped_at: null,
    properties: {},
  };
}
