import type { Snapshot } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { Icon } from "../../../components/marks/Icon";
import { kindIcon } from "../../../components/marks/kinds";
import { StateBadge } from "../../../components/marks/StateBadge";
import { stateLook } from "../../../components/marks/stateLook";
import { MenuButton } from "../../../components/overlays/MenuButton";
import { copy } from "../../../state/clipboard";
import { fileName } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";
import { modelOf } from "../../../state/run/app";
import { isRunning, startCommand, whyNot } from "../../../state/run/commands";
import { ownerOf } from "../../../state/run/replicas";
import { commandsOf, consoleAddress, menuItems, ownCommands } from "../actions";
import { hasConsole, isUp, sourceOf } from "../facts";

const ICONS = { start: "play", stop: "stop", restart: "restart" } as const;

/** Which of them make sense now; the menu has all. */
function lifecycleNames(resource: Snapshot): readonly (keyof typeof ICONS)[] {
  if (isUp(resource)) return ["restart", "stop"];
  return resource.state === "Waiting" ? ["start", "stop"] : ["start"];
}

function Lifecycle({ resource }: { resource: Snapshot }) {
  return (
    <>
      {lifecycleNames(resource).map((name) => {
        const command = commandsOf(resource).find((each) => each.name === name);
        if (!command) return null;
        const label =
          name === "start" && resource.state === "Waiting" ? "Start without waiting" : command.display;
        return (
          <Button
            key={name}
            label={label}
            icon={ICONS[name]}
            busy={isRunning(resource.id, name)}
            whyOff={whyNot(command)}
            onClick={() => startCommand(resource.id, name)}
          />
        );
      })}
    </>
  );
}

/** The commands of a resource: start or stop, console, the first of its own, and the menu with the rest. */
function Commands({ resource }: { resource: Snapshot }) {
  const [own] = ownCommands(resource);
  return (
    <div class="cmds">
      <Lifecycle resource={resource} />
      {resource.type === "Parameter" && (
        <Button
          label={resource.state === "ValueMissing" ? "Enter value" : "Show value"}
          icon="parameters"
          look={resource.state === "ValueMissing" ? "primary" : "plain"}
          href={writeAddress("parameters", [resource.name])}
        />
      )}
      {hasConsole(resource) && (
        <Button label="Console" icon="console" href={consoleAddress(ownerOf(resource))} />
      )}
      {own && (
        <Button
          label={own.display}
          busy={isRunning(resource.id, own.name)}
          whyOff={whyNot(own)}
          onClick={() => startCommand(resource.id, own.name)}
        />
      )}
      <MenuButton
        label="More commands"
        menuLabel={`Menu of ${resource.name}`}
        look="plain"
        items={() => menuItems(resource)}
      />
    </div>
  );
}

/** The head of the panel: what it is about, and what can be done with it. */
export function Header({ resource, onClose }: { resource: Snapshot; onClose: () => void }) {
  const { name, type, declared } = resource;
  const source = sourceOf(resource, modelOf(name));
  return (
    <header>
      <div class="ttl">
        <Icon name={kindIcon(resource)} />
        <h2 class="cut" title={name}>
          {name}
        </h2>
        <Button
          label="Copy link"
          icon="copy"
          iconOnly
          look="ghost"
          onClick={() => void copy(location.href, "Link", "It works in this browser, which has the token.")}
        />
        <Button
          label="Close details"
          title="Close details (Esc)"
          icon="close"
          iconOnly
          look="ghost"
          onClick={onClose}
        />
      </div>
      <div class="meta">
        <StateBadge look={stateLook(resource)} />
        <span>{type}</span>
        {source && <span class="mono cut">{source}</span>}
        {declared && (
          <a href="#d-source">
            {fileName(declared.file)}:{declared.line}
          </a>
        )}
      </div>
      <Commands resource={resource} />
    </header>
  );
}
