import type { Snapshot } from "../../api/schema";
import { Button } from "../../components/Button";
import { KeyValueList } from "../../components/lists/KeyValueList";
import { SecretValue } from "../../components/SecretValue";
import { copy } from "../../state/clipboard";
import { counted } from "../../state/format";
import { revealVariable } from "../../state/run/secrets";
import { envFile } from "../resources/details/envFile";

/** The variables that one resource gave another at its last start. */
export function Given({ provider, consumer }: { provider: Snapshot; consumer: Snapshot }) {
  const variables = consumer.environment.filter((each) => each.origin_resource === provider.name);
  if (variables.length === 0) {
    const when = consumer.environment.length === 0 ? " It gets its variables when it starts." : "";
    return (
      <section>
        <div class="sh">
          <h3>Gives {consumer.name} values</h3>
        </div>
        <p class="quiet">
          {consumer.name} has no variables of {provider.name}.{when}
        </p>
      </section>
    );
  }
  const secret = variables.filter((each) => each.secret).length;
  return (
    <section>
      <div class="sh">
        <h3>
          Gives {consumer.name} {counted(variables.length, "variable")}
        </h3>
        <Button
          label="Copy"
          icon="copy"
          look="ghost"
          small
          onClick={() =>
            void copy(
              envFile(variables),
              "Variables",
              secret > 0 ? `${counted(secret, "secret value")} left out; reveal them one at a time.` : "",
            )
          }
        />
      </div>
      <KeyValueList
        class="given"
        entries={variables.map(({ name, value, secret: isSecret }) => ({
          key: name,
          name,
          value: isSecret ? (
            <SecretValue name={name} reveal={() => revealVariable(consumer.id, name)} />
          ) : (
            value
          ),
        }))}
      />
    </section>
  );
}
