import { Fragment } from "preact";
import type { ParameterView } from "../../api/schema";
import { commandOf, isRunning, startCommand, whyNot } from "../../state/run/commands";
import { findResource } from "../../state/run/resources";
import { staleUses } from "./wording";

function Restart({ name }: { name: string }) {
  const resource = findResource(name);
  const command = resource && commandOf(resource, "restart");
  if (!resource || !command) return null;
  const why = whyNot(command) || (isRunning(resource.id, "restart") ? "it is being restarted" : "");
  return (
    <button
      type="button"
      class="inline"
      disabled={why !== ""}
      title={why || undefined}
      onClick={() => startCommand(resource.id, "restart")}
    >
      Restart {resource.name}
    </button>
  );
}

/** When a changed value counts, and what still runs with an older one. */
export function StaleNote({ parameters }: { parameters: readonly ParameterView[] }) {
  return (
    <p class="quiet stale-note">
      A changed value reaches a resource at its next start.{" "}
      {staleUses(parameters).map(({ parameter, resources, text }) => (
        <Fragment key={parameter}>
          {text}{" "}
          {resources.map((name) => (
            <Fragment key={name}>
              <Restart name={name} />{" "}
            </Fragment>
          ))}
        </Fragment>
      ))}
    </p>
  );
}
