import type { Snapshot } from "../../api/schema";
import { Button } from "../../components/Button";
import { MenuButton } from "../../components/overlays/MenuButton";
import { writeAddress } from "../../state/place/address";
import { commandOf, isRunning, startCommand, whyNot } from "../../state/run/commands";
import { ownerOf } from "../../state/run/replicas";
import { consoleAddress, menuItems } from "./actions";
import { hasConsole, mainCommand } from "./facts";

/** The buttons of a row: restart or start, console, and the menu with all the rest. */
export function RowActions({ resource }: { resource: Snapshot }) {
  const { id, name } = resource;
  const main = mainCommand(resource);
  const command = main === null ? undefined : commandOf(resource, main);
  return (
    <>
      {command && (
        <Button
          label={`${command.display} ${name}`}
          title={`${command.display} ${name} (${main === "restart" ? "r" : "s"})`}
          icon={main === "restart" ? "restart" : "play"}
          iconOnly
          small
          look="ghost"
          tabIndex={-1}
          busy={isRunning(id, command.name)}
          whyOff={whyNot(command)}
          onClick={() => startCommand(id, command.name)}
        />
      )}
      {hasConsole(resource) && (
        <Button
          label={`Console of ${name}`}
          title={`Console of ${name} (l)`}
          icon="console"
          iconOnly
          small
          look="ghost"
          tabIndex={-1}
          href={consoleAddress(ownerOf(resource))}
        />
      )}
      <MenuButton
        label={`More for ${name}`}
        title={`More for ${name} (.)`}
        menuLabel={`Menu of ${name}`}
        small
        tabIndex={-1}
        items={() => menuItems(resource)}
      />
    </>
  );
}

/** The buttons of a group: the console of all its resources, and the menu with the other pages. */
export function GroupActions({ name, ids }: { name: string; ids: readonly string[] }) {
  const r = ids.join(",");
  return (
    <>
      <Button
        label={`Console of ${name}`}
        icon="console"
        iconOnly
        small
        look="ghost"
        tabIndex={-1}
        href={writeAddress("console", [], { r })}
      />
      <MenuButton
        label={`More for ${name}`}
        menuLabel={`Menu of ${name}`}
        small
        tabIndex={-1}
        items={() => [
          { label: "Console", icon: "console", href: writeAddress("console", [], { r }) },
          { label: "Logs", icon: "logs", href: writeAddress("logs", [], { r }) },
          { label: "Traces", icon: "traces", href: writeAddress("traces", [], { r }) },
          { label: "Metrics", icon: "metrics", href: writeAddress("metrics", [], { r }) },
        ]}
      />
    </>
  );
}
