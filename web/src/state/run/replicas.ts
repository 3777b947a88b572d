import type { Snapshot } from "../../api/schema";
import { resources } from "./resources";

/** One of the replicas of a resource. */
export type Replica = Snapshot["replicas"][number];

/** A replica as a resource of its own: what it has in common with the others is that of its owner. Commands mean all
 * replicas, so it has none. */
export function replicaSnapshot(owner: Snapshot, replica: Replica): Snapshot {
  const { id, reason, health } = replica;
  const failing = replica.reports.find((report) => report.status !== "Healthy");
  return {
    ...owner,
    ...replica,
    name: id,
    type: "Replica",
    parent: owner.id,
    owner: owner.id,
    origin: "observed",
    reports: replica.reports,
    ready: health === "Healthy",
    summary: reason || (failing ? `${failing.name}: ${failing.description}` : ""),
    reason,
    word: "",
    end_failure: "",
    ready_failure: "",
    endpoints: [],
    replicas: [],
    commands: [],
    properties: replica.properties,
    declared: owner.declared,
  };
}

/** The resource, or the replica, with an id; undefined when there is none. */
export function findPart(id: string): Snapshot | undefined {
  const resource = resources.get(id);
  if (resource) return resource;
  for (const owner of resources.all()) {
    const replica = owner.replicas.find((each) => each.id === id);
    if (replica && owner.replicas.length > 1) return replicaSnapshot(owner, replica);
  }
  return undefined;
}

/** The id of the resource that things are done to: of a replica its owner's. */
export function ownerOf(resource: Snapshot): string {
  return resource.type === "Replica" && resource.owner !== null ? resource.owner : resource.id;
}

/** The id of what has written or sent something: of a replica its own, else that of the resource.
 * @param part The replica's number or id; null or another text where it is none. */
export function writerId(resource: string, part: string | null): string {
  const replicas = resources.get(resource)?.replicas ?? [];
  if (replicas.length <= 1 || part === null) return resource;
  return replicas.find(({ number, id }) => part === id || part === String(number))?.id ?? resource;
}
