import type { Cause, PodView, Snapshot, WorkloadView } from "../../api/schema";
import { causeLook, isTrouble, type Look, stateLook } from "../../components/marks/stateLook";
import { isTroubled } from "./rows";

/** How a pod looks: in its own word. What keeps it from being well makes it trouble. */
export function podLook(pod: PodView, snapshot: Snapshot | undefined, cause: Cause | undefined): Look {
  const own = snapshot && stateLook(snapshot);
  if (pod.healthy) return own ? { ...own, word: pod.state } : { shape: "ok", tone: "ok", word: pod.state };
  if (cause) return { ...causeLook(cause, own), word: pod.state };
  if (own && isTrouble(own)) return { ...own, word: pod.state };
  return snapshot?.reason
    ? { shape: "warn", tone: "warn", word: pod.state }
    : { shape: "busy", tone: "busy", word: pod.state };
}

/** How a workload looks: how many of its pods are ready. */
export function workloadLook(workload: WorkloadView, snapshot: Snapshot | undefined): Look {
  const { ready, wanted } = workload;
  if (wanted === 0) return { shape: "idle", tone: "idle", word: "no pods wanted" };
  if (snapshot?.state === "Finished") return { shape: "done", tone: "idle", word: "Finished" };
  const word = `${ready} of ${wanted} ready`;
  if (!isTroubled(workload)) return { shape: "ok", tone: "ok", word };
  const own = snapshot && stateLook(snapshot);
  if (own?.tone === "busy" && !snapshot?.reason) return { shape: "busy", tone: "busy", word };
  return { shape: "warn", tone: "warn", word };
}
