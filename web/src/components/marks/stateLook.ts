import type { Cause, Snapshot } from "../../api/schema";
import type { ShapeName } from "./shapes";

/** How good a state is. */
export type Tone = "ok" | "busy" | "wait" | "warn" | "bad" | "idle";

/** How a state looks: shape, tone and word. */
export interface Look {
  shape: ShapeName;
  tone: Tone;
  word: string;
}

/** The fields of a snapshot that its look depends on. */
export type Stateful = Pick<Snapshot, "state" | "health" | "exit_code" | "stop_requested" | "word">;

/** How a resource looks. *Running* and *Unhealthy* share one place: a health problem takes the word. The own word of an
 * observed object, such as `ImagePullBackOff` of a pod, takes it too: what has one is stuck. */
export function stateLook(resource: Stateful): Look {
  const look = lookOf(resource);
  const { word } = resource;
  if (word === "") return look;
  return resource.state === "Waiting" ? { ...look, word } : { shape: "bad", tone: "bad", word };
}

function lookOf({ state, health, exit_code, stop_requested }: Stateful): Look {
  switch (state) {
    case "Running":
      return healthLook(health);
    case "RuntimeUnhealthy":
      return { shape: "bad", tone: "bad", word: "Engine down" };
    case "FailedToStart":
      return { shape: "bad", tone: "bad", word: "Failed to start" };
    case "ValueMissing":
      return { shape: "missing", tone: "warn", word: "No value" };
    case "Waiting":
      return { shape: "wait", tone: "wait", word: "Waiting" };
    case "Starting":
    case "Building":
    case "Stopping":
      return { shape: "busy", tone: "busy", word: state };
    case "Finished":
      return { shape: "done", tone: "idle", word: "Finished" };
    case "Exited":
      return exit_code && !stop_requested
        ? { shape: "bad", tone: "bad", word: `Exited ${exit_code}` }
        : { shape: "stopped", tone: "idle", word: "Exited" };
    case "NotStarted":
      return { shape: "idle", tone: "idle", word: "Not started" };
    case "Active":
      return { shape: "active", tone: "idle", word: "Active" };
  }
}

function healthLook(health: Snapshot["health"]): Look {
  if (health === "Unhealthy" || health === "Degraded") return { shape: "warn", tone: "warn", word: health };
  return { shape: "ok", tone: "ok", word: "Running" };
}

/** Whether nothing about a look calls for attention. */
export function isCalm({ tone }: Look): boolean {
  return tone === "ok" || tone === "idle";
}

/** Whether a look is trouble: something is wrong, and not only not done yet. */
export function isTrouble({ tone }: Look): boolean {
  return tone === "warn" || tone === "bad";
}

/** How a cause looks, given the look of its resource. */
export function causeLook(cause: Cause, resource: Look | undefined): Pick<Look, "shape" | "tone"> {
  if (resource && isTrouble(resource)) return resource;
  return cause.severity === "error" ? { shape: "bad", tone: "bad" } : { shape: "warn", tone: "warn" };
}
