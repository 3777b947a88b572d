import type { Snapshot } from "../../api/schema";
import { Button } from "../../components/Button";
import { Callout } from "../../components/Callout";
import type { Look } from "../../components/marks/stateLook";
import { fileName, sentence } from "../../state/format";
import { writeAddress } from "../../state/place/address";
import { actionAddress, doAction } from "../../state/run/causeActions";
import { causeOf } from "../../state/run/causes";
import { commandOf, isRunning, whyNot } from "../../state/run/commands";
import { whyOff } from "../../state/run/connection";
import { resources } from "../../state/run/resources";
import { consoleAddress } from "../resources/actions";
import { detailsAddress } from "./clusterState";

function CauseAction({ id }: { id: string }) {
  const cause = causeOf.value.get(id);
  if (!cause || cause.action.kind === "details") return null;
  const { action } = cause;
  const target = resources.get(action.resource);
  const command = target && action.command ? commandOf(target, action.command) : undefined;
  return (
    <Button
      label={action.label}
      small
      look="primary"
      href={actionAddress(cause)}
      busy={action.command !== null && isRunning(action.resource, action.command)}
      whyOff={command ? whyNot(command) : whyOff()}
      onClick={() => {
        if (action.command !== null) doAction(cause);
      }}
    />
  );
}

/** Why a pod or a workload is not well: what is wrong, what the cluster says, and what helps. */
export function PodWhy({ resource, look }: { resource: Snapshot; look: Look }) {
  const { id } = resource;
  const cause = causeOf.value.get(id);
  const place = cause?.file && cause.line !== null ? `${fileName(cause.file)}:${cause.line}` : "";
  return (
    <div class="podwhy" role="row" aria-level={3}>
      <div role="gridcell" aria-colspan={7}>
        <Callout
          look={look}
          what={cause?.what ?? sentence(resource.reason)}
          raw={cause?.raw ?? resource.raw}
          remedy={cause?.remedy ?? resource.remedy}
        >
          <CauseAction id={id} />
          <Button label={`Describe ${resource.type.toLowerCase()}`} small href={detailsAddress(id)} />
          <Button label="Log" small href={consoleAddress(id)} />
          {place && (
            <a class="mono place" href={writeAddress("resources", [resource.owner ?? id], {}, "source")}>
              {place}
            </a>
          )}
        </Callout>
      </div>
    </div>
  );
}
