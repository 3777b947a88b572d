import { resources } from "../../state/resources";
import type { Writer } from "./lines/storedLine";

/** What a writer is called: the resource, with the number of the replica, or with the container behind a slash. */
export function writerName({ resource, source }: Pick<Writer, "resource" | "source">): string {
  const name = resources.get(resource)?.name ?? resource;
  if (source === null) return name;
  return /^\d+$/.test(source) ? `${name}-${source}` : `${name}/${source}`;
}
