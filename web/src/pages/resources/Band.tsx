import { useSignal } from "@preact/signals";
import type { Cause } from "../../api/schema";
import { Button } from "../../components/Button";
import { Shape } from "../../components/marks/Shape";
import { causeLook, stateLook } from "../../components/marks/stateLook";
import { actionAddress, doAction } from "../../state/run/causeActions";
import { causes } from "../../state/run/causes";
import { commandOf, isRunning, whyNot } from "../../state/run/commands";
import { whyOff } from "../../state/run/connection";
import { findPart } from "../../state/run/replicas";
import { resources } from "../../state/run/resources";
import { openDetails } from "./actions";
import { waitingWords } from "./waitingWords";

/** How many causes are shown side by side. */
const SIDE_BY_SIDE = 3;

/** Why the action of a cause is off; empty when it is not. */
function actionOff({ action }: Cause): string {
  if (action.kind !== "command") return action.kind === "parameter" ? whyOff() : "";
  const resource = resources.get(action.resource);
  const command = resource && commandOf(resource, action.command ?? "");
  if (!command) return whyOff() || "not possible now";
  return whyNot(command);
}

function Item({ cause, primary }: { cause: Cause; primary: boolean }) {
  const resource = findPart(cause.resource);
  const look = causeLook(cause, resource && stateLook(resource));
  const { action } = cause;
  const address = actionAddress(cause);
  const what = cause.what.startsWith(cause.title) ? cause.remedy || cause.what : cause.what;
  const text = `${what} ${waitingWords(cause.waiting)}`.trim();
  return (
    <li class={`t-${look.tone}`}>
      <div>
        <b>
          <Shape name={look.shape} />
          <a
            class="cut"
            href={`/resources/${encodeURIComponent(cause.resource)}#why`}
            onClick={(event) => {
              event.preventDefault();
              openDetails(cause.resource, "why");
            }}
          >
            {cause.title}
          </a>
        </b>
        <p title={text}>{text}</p>
      </div>
      <Button
        label={action.label}
        look={primary ? "primary" : "plain"}
        busy={action.kind === "command" && isRunning(action.resource, action.command ?? "")}
        whyOff={actionOff(cause)}
        href={action.kind === "parameter" ? address : undefined}
        onClick={() => {
          if (action.kind === "details") openDetails(action.resource, "why");
          else if (action.kind === "command") doAction(cause);
        }}
      />
    </li>
  );
}

/** What needs a person: causes only, worst first, each with its reason and the one action that helps. */
export function Band() {
  const all = causes.value;
  const isWhole = useSignal(false);
  if (all.length === 0) return null;
  const shown = isWhole.value ? all : all.slice(0, SIDE_BY_SIDE);
  const primary = all.find((cause) => cause.action.kind === "parameter");
  const more = all.length - shown.length;
  const columns = Math.min(shown.length, SIDE_BY_SIDE);
  return (
    <section class="need" aria-label="Needs you">
      <ul class={`n${columns}`}>
        {shown.map((cause) => (
          <Item key={cause.id} cause={cause} primary={cause === primary} />
        ))}
      </ul>
      {(more > 0 || isWhole.value) && (
        <Button
          label={more > 0 ? `+${more} more` : "Fewer"}
          look="ghost"
          class="all"
          expanded={isWhole.value}
          onClick={() => {
            isWhole.value = !isWhole.value;
          }}
        />
      )}
    </section>
  );
}
