import { writerId } from "../../state/run/replicas";
import { resourceName } from "../../state/run/resources";
import { seriesClass } from "../../state/run/series";
import type { Writer } from "./lines/storedLine";

/** What a writer is called: the resource or its replica, with a container behind a slash. */
export function writerName({ resource, source }: Pick<Writer, "resource" | "source">): string {
  const id = writerId(resource, source);
  if (id !== resource) return id;
  const name = resourceName(resource);
  return source === null || /^\d+$/.test(source) ? name : `${name}/${source}`;
}

/** The class that gives an element the colour of a writer: replicas have their own. */
export function writerClass({ resource, source }: Pick<Writer, "resource" | "source">): string {
  return seriesClass(writerId(resource, source));
}
