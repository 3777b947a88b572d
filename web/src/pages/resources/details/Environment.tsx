import type { Snapshot, VariableView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { KeyValueList } from "../../../components/lists/KeyValueList";
import { Shape } from "../../../components/marks/Shape";
import { SecretValue } from "../../../components/SecretValue";
import { copy } from "../../../state/clipboard";
import { counted } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";
import { ownerOf } from "../../../state/run/replicas";
import { resources } from "../../../state/run/resources";
import { revealVariable } from "../../../state/run/secrets";
import { envFile } from "./envFile";

/** Where a value comes from: a link to the resource, or to the parameter. */
function Origin({ variable }: { variable: VariableView }) {
  const { origin, origin_resource: name } = variable;
  if (name === null) return <>{origin}</>;
  const page = resources.get(name)?.type === "Parameter" ? "parameters" : "resources";
  return (
    <a href={writeAddress(page, [name])} title={origin}>
      {name}
    </a>
  );
}

function isMissing({ origin_resource: name }: VariableView): boolean {
  return name !== null && resources.get(name)?.state === "ValueMissing";
}

function Value({ variable, id }: { variable: VariableView; id: string }) {
  if (isMissing(variable)) {
    return (
      <span class="state t-warn">
        <Shape name="missing" />
        <b>No value</b>
      </span>
    );
  }
  if (variable.secret)
    return <SecretValue name={variable.name} reveal={() => revealVariable(id, variable.name)} />;
  return (
    <span class="v cut" title={variable.value}>
      {variable.value}
    </span>
  );
}

/** Copies what is not secret. */
export function CopyEnvironment({ resource }: { resource: Snapshot }) {
  const secret = resource.environment.filter((variable) => variable.secret).length;
  const note = secret > 0 ? `${counted(secret, "secret value")} left out; reveal them one at a time.` : "";
  return (
    <Button
      label="Copy as .env"
      icon="copy"
      look="ghost"
      small
      onClick={() => void copy(envFile(resource.environment), "Environment", note)}
    />
  );
}

/** The variables of a resource's last start, each with where its value comes from. */
export function Environment({ resource }: { resource: Snapshot }) {
  return (
    <KeyValueList
      class="env"
      entries={resource.environment.map((variable) => ({
        key: variable.name,
        name: variable.name,
        value: <Value variable={variable} id={ownerOf(resource)} />,
        note: <Origin variable={variable} />,
      }))}
    />
  );
}
