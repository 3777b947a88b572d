import type { Snapshot } from "../../api/schema";
import { Button } from "../../components/Button";
import { commandOf, isRunning, startCommand, whyNot } from "../../state/commands";
import { openMenu } from "../../state/menu";
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
          href={consoleAddress(id)}
        />
      )}
      <Button
        label={`More for ${name}`}
        title={`More for ${name} (.)`}
        icon="more"
        iconOnly
        small
        look="ghost"
        tabIndex={-1}
        popup="menu"
        onClick={(event) => {
          if (event.currentTarget instanceof Element)
            openMenu(`Menu of ${name}`, event.currentTarget, () => menuItems(resource));
        }}
      />
    </>
  );
}
