import { useSignal } from "@preact/signals";
import { toProblem } from "../../api/problem";
import type { ParameterView } from "../../api/schema";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/overlays/Dialog";
import { listed } from "../../state/format";
import { whyOff } from "../../state/run/connection";
import { KeepOption } from "./KeepOption";
import { asked, setValue } from "./state";
import { ValueField } from "./ValueField";
import { cleanValue, valueProblem } from "./wording";

function close(): void {
  asked.value = null;
}

function consequence({ used_by }: ParameterView): string {
  const users = used_by.map(({ resource }) => resource);
  return users.length === 0
    ? "Nothing in this run uses it."
    : `It reaches ${listed(users)} at ${users.length === 1 ? "its" : "their"} next start.`;
}

/** Asks for another value of a parameter that has one. */
export function ChangeDialog({ parameter, path }: { parameter: ParameterView; path: string | undefined }) {
  const { name, secret } = parameter;
  const value = useSignal(secret ? "" : (parameter.value ?? ""));
  const keep = useSignal(parameter.stored);
  const problem = useSignal("");
  const busy = useSignal(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const text = cleanValue(value.value);
    problem.value = valueProblem(text);
    if (problem.value !== "") return;
    busy.value = true;
    try {
      await setValue(name, text, keep.value && path !== undefined);
      close();
    } catch (error) {
      problem.value = toProblem(error).message;
    } finally {
      busy.value = false;
    }
  }

  return (
    <Dialog label={`Change ${name}`} class="confirm" onClose={close}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <h2>Change {name}</h2>
        {parameter.description && <p>{parameter.description}</p>}
        <ValueField
          id="changed-value"
          value={value.value}
          secret={secret}
          hint={consequence(parameter)}
          problem={problem.value}
          autofocus
          onInput={(text) => {
            value.value = text;
            problem.value = "";
          }}
        />
        {path !== undefined && (
          <KeepOption
            path={path}
            checked={keep.value}
            onChange={(checked) => {
              keep.value = checked;
            }}
          />
        )}
        <footer>
          <Button label="Cancel" onClick={close} />
          <Button type="submit" label="Set value" look="primary" busy={busy.value} whyOff={whyOff()} />
        </footer>
      </form>
    </Dialog>
  );
}
