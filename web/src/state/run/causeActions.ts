import type { Cause } from "../../api/schema";
import { writeAddress } from "../place/address";
import { open } from "../place/route";
import { startCommand } from "./commands";
import { resources } from "./resources";

/** Where the one action of a cause leads; undefined where it is a command. */
export function actionAddress({ action }: Cause): string | undefined {
  switch (action.kind) {
    case "command":
      return undefined;
    case "parameter":
      return writeAddress("parameters", [resources.get(action.resource)?.name ?? action.resource]);
    case "details":
      return writeAddress("resources", [action.resource], {}, "why");
  }
}

/** Do the one thing that helps. */
export function doAction(cause: Cause): void {
  const address = actionAddress(cause);
  if (address !== undefined) open(address, { panel: cause.action.kind === "details" });
  else if (cause.action.command) startCommand(cause.action.resource, cause.action.command);
}
