import type { Snapshot } from "../../api/schema";
import { copy } from "../../state/clipboard";
import { fileName } from "../../state/format";
import type { MenuItem } from "../../state/menu";
import { writeAddress } from "../../state/place/address";
import { closePanel, isPage, open, select, siblingAddress } from "../../state/place/route";
import { startCommand, whyNot } from "../../state/run/commands";
import { ownerOf } from "../../state/run/replicas";
import { hasConsole, isLink, isUp, mainCommand, shortUrl } from "./facts";
import { openName } from "./tableState";

const LIFECYCLE: readonly string[] = ["start", "stop", "restart"];

/** Open the details of a resource on this page, at one of their sections if it is named; from other pages, go there. */
export function openDetails(id: string, section = ""): void {
  if (isPage("resources")) select(siblingAddress([id], section), openName.peek() !== null);
  else open(writeAddress("resources", [id], {}, section), { panel: true });
}

/** Close the details. */
export function closeDetails(): void {
  closePanel(siblingAddress([]));
}

/** The address of the console of a resource. */
export function consoleAddress(id: string, time?: number): string {
  return writeAddress("console", [], { r: id, at: time === undefined ? null : time.toFixed(3) });
}

/** The commands of a resource that make sense for what it is: what has no process is not started and stopped. */
export function commandsOf(resource: Snapshot): Snapshot["commands"] {
  return mainCommand(resource) === null && !isUp(resource)
    ? resource.commands.filter((command) => !LIFECYCLE.includes(command.name))
    : resource.commands;
}

/** The commands that are a resource's own, beyond start, stop and restart. */
export function ownCommands(resource: Snapshot): Snapshot["commands"] {
  return resource.commands.filter((command) => !LIFECYCLE.includes(command.name));
}

const COMMAND_ICONS: Readonly<Record<string, MenuItem["icon"]>> = {
  start: "play",
  stop: "stop",
  restart: "restart",
};
const COMMAND_KEYS: Readonly<Record<string, string>> = { start: "s", stop: "s", restart: "r" };

function commandItems(resource: Snapshot): MenuItem[] {
  return commandsOf(resource).map((command, index) => ({
    label: command.display,
    icon: COMMAND_ICONS[command.name] ?? "play",
    key: COMMAND_KEYS[command.name],
    whyOff: whyNot(command),
    apart: index === 0,
    run: () => startCommand(resource.id, command.name),
  }));
}

function urlItems(resource: Snapshot): MenuItem[] {
  return resource.urls
    .filter(({ url }) => isLink(url))
    .map(({ url }, index) => ({
      label: `Open ${shortUrl(url)}`,
      icon: "open",
      key: index === 0 ? "u" : undefined,
      apart: index === 0,
      href: url,
    }));
}

/** The menu of a row. */
export function menuItems(resource: Snapshot): readonly MenuItem[] {
  const { id, name, declared } = resource;
  const owner = ownerOf(resource);
  const telemetry = { r: owner };
  return [
    { label: "Details", icon: "resources", key: "Enter", run: () => openDetails(id) },
    ...(hasConsole(resource)
      ? [{ label: "Console", icon: "console", key: "l", href: consoleAddress(owner) } as const]
      : []),
    { label: "Logs", icon: "logs", href: writeAddress("logs", [], telemetry) },
    { label: "Traces", icon: "traces", href: writeAddress("traces", [], telemetry) },
    { label: "Metrics", icon: "metrics", href: writeAddress("metrics", [], telemetry) },
    { label: "Show in graph", icon: "graph", href: writeAddress("graph", [], { focus: owner }) },
    ...commandItems(resource),
    ...urlItems(resource),
    { label: "Copy name", icon: "copy", apart: true, run: () => void copy(name, "Name") },
    ...(declared
      ? [
          {
            label: `Copy ${fileName(declared.file)}:${declared.line}`,
            icon: "file",
            run: () => void copy(`${declared.file}:${declared.line}`, "Place"),
          } as const,
        ]
      : []),
  ];
}
