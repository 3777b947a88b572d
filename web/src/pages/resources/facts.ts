import type { ModelResource, Snapshot } from "../../api/schema";

/** What a resource is made from, in a few words: an image, a program, where a value comes from. */
export function sourceOf(
  { properties }: Pick<Snapshot, "properties">,
  model: ModelResource | undefined,
): string {
  if (properties.source) return properties.source;
  if (model?.made_from) return shortImage(model.made_from);
  if (properties.image) return shortImage(properties.image);
  return properties.version ?? (properties.pid ? `pid ${properties.pid}` : "");
}

/** An image without the registry that it has by default, and without its digest. */
export function shortImage(image: string): string {
  return image.replace(/^docker\.io\/(library\/)?/, "").replace(/@sha256:[0-9a-f]+$/, "");
}

/** Seconds that the last column shows: how long it runs, how long it has been in a state that passes, or how long it ran.
 * @param now In seconds since 1970. */
export function ageOf(resource: Snapshot, now: number): number | null {
  const { state, started_at, stopped_at, state_since } = resource;
  switch (state) {
    case "Running":
    case "RuntimeUnhealthy":
      return started_at === null ? null : now - started_at;
    case "Waiting":
    case "Starting":
    case "Building":
    case "Stopping":
    case "FailedToStart":
      return state_since === null ? null : now - state_since;
    case "Finished":
      return started_at === null || stopped_at === null || stopped_at < started_at
        ? null
        : stopped_at - started_at;
    case "Exited":
      return stopped_at === null ? null : now - stopped_at;
    default:
      return null;
  }
}

/** Whether an address can be opened by a browser. */
export function isLink(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

/** An address without its scheme. */
export function shortUrl(url: string): string {
  return url.replace(/^\w+:\/\//, "").replace(/\/$/, "");
}

/** The command that the row's first button gives: restart while it runs, else start. */
export function mainCommand(resource: Snapshot): "restart" | "start" | null {
  if (resource.origin === "observed" || resource.state === "Active" || resource.state === "ValueMissing")
    return null;
  const names = resource.commands.map((command) => command.name);
  if (isUp(resource)) return names.includes("restart") ? "restart" : null;
  return names.includes("start") ? "start" : null;
}

/** Whether it is running, or about to. */
export function isUp(resource: Snapshot): boolean {
  return ["Running", "RuntimeUnhealthy", "Starting", "Building"].includes(resource.state);
}

/** Whether it may have lines in the console. */
export function hasConsole(resource: Snapshot): boolean {
  return resource.state !== "Active" && resource.state !== "ValueMissing";
}

/** What a row says behind its state: not what the word of the state says already. */
export function reasonOf({ summary, exit_code }: Pick<Snapshot, "summary" | "exit_code">): string {
  return summary === `exit code ${exit_code}` ? "" : summary;
}
