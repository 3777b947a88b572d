import { causeLook, stateLook } from "../components/marks/stateLook";
import { overlay } from "../state/overlays";
import type { PaletteEntry } from "../state/palette";
import { writeAddress } from "../state/place/address";
import { open } from "../state/place/route";
import { pageAddress, scope } from "../state/place/scope";
import { doAction } from "../state/run/causeActions";
import { causes } from "../state/run/causes";
import { startCommand, whyNot } from "../state/run/commands";
import { resources } from "../state/run/resources";
import { theme } from "../state/settings";
import { clusterAddress, shownPages } from "./pageState";

const COMMAND_ICONS: Readonly<Record<string, PaletteEntry["icon"]>> = {
  start: "play",
  stop: "stop",
  restart: "restart",
};

/** The causes, each with its one action. */
export function causeEntries(): readonly PaletteEntry[] {
  return causes.value.map((cause) => {
    const resource = resources.get(cause.resource);
    const look = resource && stateLook(resource);
    return {
      id: `cause ${cause.id}`,
      group: "Needs you",
      text: cause.title,
      hint: cause.action.label,
      words: cause.what,
      look: { word: "", ...causeLook(cause, look) },
      run: () => doAction(cause),
    };
  });
}

/** The commands of all resources. */
export function commandEntries(): readonly PaletteEntry[] {
  return resources.all().flatMap((resource) =>
    resource.commands.map((command): PaletteEntry => {
      const why = whyNot(command);
      const asks =
        command.inputs.length > 0 ? "asks for inputs" : command.confirm !== null ? "asks first" : "";
      return {
        id: `command ${resource.id} ${command.name}`,
        group: "Commands",
        text: `${command.display} ${resource.name}`,
        hint: why || asks || command.effects[0] || "",
        icon: COMMAND_ICONS[command.name] ?? "play",
        whyOff: why,
        run: () => startCommand(resource.id, command.name),
      };
    }),
  );
}

/** The resources: each opens its details. */
export function resourceEntries(): readonly PaletteEntry[] {
  return resources.all().map((resource) => {
    const look = stateLook(resource);
    return {
      id: `resource ${resource.id}`,
      group: "Resources",
      text: resource.name,
      hint: `${resource.type} · ${look.word}`,
      look,
      run: () => open(writeAddress("resources", [resource.id]), { panel: true }),
    };
  });
}

/** What is typed as a search of the pages that have lines and entries. */
export function searchEntries(query: string): readonly PaletteEntry[] {
  if (query.trim().length < 2) return [];
  const typed = query.trim();
  return [
    {
      id: "search console",
      group: "Pages",
      text: `Console lines with “${typed}”`,
      hint: "",
      icon: "console",
      run: () => open(writeAddress("console", [], { r: scope.peek().join(","), q: typed })),
    },
    {
      id: "search logs",
      group: "Pages",
      text: `Logs where message contains “${typed}”`,
      hint: "",
      icon: "logs",
      run: () => open(writeAddress("logs", [], { r: scope.peek().join(","), q: typed })),
    },
  ];
}

/** The pages, and what belongs to the page as a whole. */
export function pageEntries(): readonly PaletteEntry[] {
  const pages = shownPages.value.map(
    (page): PaletteEntry => ({
      id: `page ${page.name}`,
      group: "Pages",
      text: page.label,
      hint: "",
      icon: page.name,
      key: `g ${page.key}`,
      run: () => open(page.name === "cluster" ? clusterAddress() : pageAddress(page)),
    }),
  );
  return [
    ...pages,
    {
      id: "keys",
      group: "Pages",
      text: "Keys",
      hint: "all that there are",
      icon: "help",
      key: "?",
      run: show("keys"),
    },
    {
      id: "settings",
      group: "Pages",
      text: "Settings",
      hint: "time, density, keys, theme",
      icon: "parameters",
      run: show("settings"),
    },
    {
      id: "notifications",
      group: "Pages",
      text: "Notifications",
      hint: "results of commands",
      icon: "bell",
      run: show("notifications"),
    },
    {
      id: "theme",
      group: "Pages",
      text: theme.value === "dark" ? "Theme: light" : "Theme: dark",
      hint: "",
      icon: "theme",
      run: () => {
        theme.value = theme.value === "dark" ? "light" : "dark";
      },
    },
  ];
}

function show(name: "keys" | "settings" | "notifications"): () => void {
  return () => {
    overlay.value = name;
  };
}
