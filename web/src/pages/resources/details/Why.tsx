import type { Cause, Snapshot } from "../../../api/schema";
import { Callout } from "../../../components/Callout";
import { causeLook, isCalm, stateLook } from "../../../components/marks/stateLook";
import { clock, fileName } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";
import { actionAddress, doAction } from "../../../state/run/causeActions";
import { causeOf } from "../../../state/run/causes";
import { commandOf, startCommand, whyNot } from "../../../state/run/commands";
import { ownerOf } from "../../../state/run/replicas";
import { resources } from "../../../state/run/resources";
import { consoleAddress } from "../actions";
import { hasConsole } from "../facts";

function names(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

/** The one thing that helps.
 * @param shown The resource whose details are open; what is done to another one names that. */
function ActionLink({ cause, shown }: { cause: Cause; shown: string }) {
  const { action } = cause;
  if (action.kind === "details" && action.resource === shown) return null;
  const name = resources.get(action.resource)?.name ?? action.resource;
  const label =
    action.resource === shown || action.kind === "parameter" ? action.label : `${action.label}: ${name}`;
  const address = actionAddress(cause);
  if (address !== undefined) return <a href={address}>{label}</a>;
  const resource = resources.get(action.resource);
  const command = resource && commandOf(resource, action.command ?? "");
  const off = command ? whyNot(command) : "not possible now";
  return (
    <button
      type="button"
      class="link"
      disabled={off !== ""}
      title={off || undefined}
      onClick={() => doAction(cause)}
    >
      {label}
    </button>
  );
}

function CauseCallout({ cause, resource }: { cause: Cause; resource: Snapshot }) {
  const { waiting } = cause;
  const told = waiting.length === 0 || cause.what.includes("for it");
  return (
    <Callout
      look={causeLook(cause, stateLook(resource))}
      what={cause.what}
      raw={cause.raw}
      remedy={
        <>
          {cause.remedy} {!told && `${names(waiting)} ${waiting.length > 1 ? "wait" : "waits"} for it.`}
        </>
      }
    >
      <ActionLink cause={cause} shown={resource.id} />
      {hasConsole(resource) && (
        <>
          <a href={consoleAddress(ownerOf(resource), cause.since)}>Log at {clock(cause.since)}</a>
          <a href={writeAddress("traces", [], { r: ownerOf(resource), errors: "1" })}>Failed traces</a>
        </>
      )}
      {cause.file && cause.line !== null && (
        <a href="#d-source">
          {fileName(cause.file)}:{cause.line}
        </a>
      )}
    </Callout>
  );
}

/** What a resource waits for, as a sentence. */
function waitingWords({ summary, waiting_for }: Snapshot): string {
  const text = summary || `for ${names(waiting_for)}`;
  return /^waits/i.test(text) ? text : `Waits ${text}.`;
}

/** What to do about a cause; one that is behind what is waited for is named. */
function helpWords({ title, remedy }: Cause, isWaitedFor: boolean): string {
  return isWaitedFor ? remedy : `${title}. ${remedy}`;
}

/** What a resource waits for, with the one thing that helps each of those that need a person. */
function WaitingCallout({ resource }: { resource: Snapshot }) {
  const blockers = new Set(resource.blocked_by);
  const helping = [...causeOf.value.values()].filter(
    (cause) => blockers.has(cause.resource) || cause.waiting.includes(resource.name),
  );
  const over = resource.waits.filter((wait) => wait.satisfied).map((wait) => wait.resource);
  const start = commandOf(resource, "start");
  return (
    <Callout
      look={stateLook(resource)}
      what={waitingWords(resource)}
      remedy={
        <>
          {over.length > 0 && `${names(over)} ${over.length > 1 ? "are" : "is"} ready. `}
          {helping.map((cause) => helpWords(cause, blockers.has(cause.resource))).join(" ")}
        </>
      }
    >
      {helping.map((cause) => (
        <ActionLink key={cause.id} cause={cause} shown={resource.id} />
      ))}
      {start && (
        <button
          type="button"
          class="link"
          disabled={whyNot(start) !== ""}
          title={whyNot(start) || undefined}
          onClick={() => startCommand(resource.id, "start")}
        >
          Start without waiting
        </button>
      )}
    </Callout>
  );
}

/** Whether there is something to say of how a resource is. */
export function hasWhy(resource: Snapshot): boolean {
  return (
    causeOf.value.has(resource.id) ||
    resource.state === "Waiting" ||
    resource.end_failure !== "" ||
    resource.ready_failure !== "" ||
    (!isCalm(stateLook(resource)) && resource.summary !== "")
  );
}

/** Why a resource is not well: what is wrong, what was said, what to do. */
export function Why({ resource }: { resource: Snapshot }) {
  const cause = causeOf.value.get(resource.id);
  if (cause) return <CauseCallout cause={cause} resource={resource} />;
  if (resource.state === "Waiting") return <WaitingCallout resource={resource} />;
  const { summary, end_failure, ready_failure, raw, remedy } = resource;
  const what = summary || end_failure || ready_failure;
  return (
    <Callout look={stateLook(resource)} what={what} raw={raw} remedy={what.includes(remedy) ? "" : remedy}>
      {hasConsole(resource) && <a href={consoleAddress(ownerOf(resource))}>Console</a>}
    </Callout>
  );
}
