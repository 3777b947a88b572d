import type { Snapshot } from "../../api/schema";
import type { KeyBinding } from "../../state/keys";
import { openMenu } from "../../state/menu";
import { open } from "../../state/place/route";
import { commandOf, startCommand } from "../../state/run/commands";
import { findPart, ownerOf } from "../../state/run/replicas";
import { consoleAddress, menuItems } from "./actions";
import { hasConsole, isLink, isUp } from "./facts";
import { openId, rows } from "./tableState";

/** The row that has the focus. */
function focusedRow(): Element | null {
  return document.activeElement?.closest("[role=treegrid] [data-key]") ?? null;
}

/** The resource that the letters are about: that of the row with the focus, else the one whose details are open. */
function chosen(): Snapshot | undefined {
  const key = focusedRow()?.getAttribute("data-key");
  const row = rows.peek().find((each) => each.key === key);
  const id = row && (row.kind === "resource" || row.kind === "replica") ? row.id : openId.peek();
  return id === null ? undefined : findPart(id);
}

function startOrStop(resource: Snapshot): void {
  const stops = isUp(resource) && commandOf(resource, "stop") !== undefined;
  startCommand(resource.id, stops ? "stop" : "start");
}

function openUrl({ urls }: Snapshot): void {
  const link = urls.find(({ url }) => isLink(url));
  if (link) window.open(link.url, "_blank", "noopener");
}

function openRowMenu(resource: Snapshot): void {
  const place =
    focusedRow()?.querySelector(".acts .btn:last-child") ??
    document.querySelector(".panel .cmds .btn:last-child");
  if (place) openMenu(`Menu of ${resource.name}`, place, () => menuItems(resource));
}

/** A key that does something to the chosen resource. */
function binding(key: string, does: string, run: (resource: Snapshot) => void): KeyBinding {
  return {
    key,
    does,
    run: () => {
      const resource = chosen();
      if (resource) run(resource);
    },
  };
}

/** The letters that act on a row. */
export const ROW_KEYS: readonly KeyBinding[] = [
  binding("r", "Restart", ({ id }) => startCommand(id, "restart")),
  binding("s", "Stop or start", startOrStop),
  binding("l", "Console", (resource) => {
    if (hasConsole(resource)) open(consoleAddress(ownerOf(resource)));
  }),
  binding("u", "Open its URL", openUrl),
  binding(".", "Menu", openRowMenu),
];
