import { useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import type { CommandInput } from "../api/schema";
import { Button } from "../components/Button";
import { Shape } from "../components/marks/Shape";
import { Dialog } from "../components/overlays/Dialog";
import { type PendingCommand, pendingCommand, runCommand, whyNot } from "../state/run/commands";
import { resources } from "../state/run/resources";
import { effectPieces, effectShape } from "./effects";
import { type Fields, fieldProblem, initialFields, inputValues } from "./inputValues";

function close(): void {
  pendingCommand.value = null;
}

function InputField(props: {
  input: CommandInput;
  value: string;
  problem: string;
  onInput: (value: string) => void;
}) {
  const { input, value, problem } = props;
  const id = `input-${input.name}`;
  const label = input.label || input.name;
  const common = {
    id,
    value,
    "aria-invalid": problem !== "" || undefined,
    "aria-describedby": problem ? `${id}-problem` : undefined,
  };
  const text = {
    autocomplete: "off",
    spellcheck: false,
    onInput: (event: TargetedEvent<HTMLInputElement>) => props.onInput(event.currentTarget.value),
  } as const;
  if (input.kind === "boolean") {
    return (
      <label class="optn">
        <input
          type="checkbox"
          class="tick"
          checked={value === "true"}
          onChange={(event) => props.onInput(event.currentTarget.checked ? "true" : "")}
        />
        <span>{label}</span>
      </label>
    );
  }
  return (
    <label class="f" for={id}>
      <span>
        {label}
        {!input.required && <small> optional</small>}
      </span>
      {input.kind === "choice" ? (
        <select {...common} onChange={(event) => props.onInput(event.currentTarget.value)}>
          {!input.required && <option value="">None</option>}
          {input.choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : input.kind === "secret" ? (
        <input {...common} {...text} type="password" />
      ) : (
        <input {...common} {...text} inputMode={input.kind === "number" ? "decimal" : "text"} />
      )}
      {problem && (
        <small id={`${id}-problem`} class="problem" role="alert">
          {problem}
        </small>
      )}
    </label>
  );
}

function Effects({ effects }: { effects: readonly string[] }) {
  if (effects.length === 0) return null;
  const names = new Set(resources.all().map((resource) => resource.name));
  return (
    <>
      <h3>What happens next</h3>
      <ul class="effects">
        {effects.map((effect) => (
          <li key={effect}>
            <Shape name={effectShape(effect)} />
            <span>
              {effectPieces(effect, names).map(({ text, name }, index) =>
                name ? <b key={`${index + 1}`}>{text}</b> : text,
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function Form({ pending }: { pending: PendingCommand }) {
  const { resource, command } = pending;
  const fields = useSignal<Fields>(initialFields(command));
  const asked = useSignal(false);
  const typed = useSignal("");
  const now = resources.get(resource.id)?.commands.find((each) => each.name === command.name);
  const why = now ? whyNot(now) : "it can't be run any more";
  const problems = new Map(
    command.inputs.map((input) => [input.name, fieldProblem(input, fields.value[input.name] ?? "")]),
  );
  const { loses_data: losesData } = command;
  const danger = losesData || command.confirm !== null;
  const isConfirmed = !losesData || typed.value.trim() === resource.name;

  function submit(event: Event): void {
    event.preventDefault();
    asked.value = true;
    if (why !== "" || !isConfirmed || [...problems.values()].some((problem) => problem !== "")) return;
    close();
    void runCommand(resource, command, inputValues(command, fields.value));
  }

  return (
    <form onSubmit={submit} noValidate>
      <h2>
        {command.inputs.length > 0 || !command.confirm
          ? `${command.display}: ${resource.name}`
          : command.confirm}
      </h2>
      {command.inputs.length > 0 && command.confirm && <p>{command.confirm}</p>}
      <Effects effects={now?.effects ?? command.effects} />
      {command.inputs.map((input) => (
        <InputField
          key={input.name}
          input={input}
          value={fields.value[input.name] ?? ""}
          problem={asked.value ? (problems.get(input.name) ?? "") : ""}
          onInput={(value) => {
            fields.value = { ...fields.value, [input.name]: value };
          }}
        />
      ))}
      {losesData && (
        <label class="f">
          <span>
            Type <code>{resource.name}</code> to confirm
          </span>
          <input
            type="text"
            autocomplete="off"
            spellcheck={false}
            value={typed.value}
            onInput={(event) => {
              typed.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
      <footer>
        <Button
          label={losesData ? "Keep data" : danger ? "Keep as it is" : "Cancel"}
          autofocus={danger}
          onClick={close}
        />
        <Button
          type="submit"
          label={`${command.display} ${resource.name}`}
          look={danger ? "danger" : "primary"}
          whyOff={why || (isConfirmed ? "" : `Type ${resource.name} to confirm`)}
        />
      </footer>
    </form>
  );
}

/** The question or the inputs of a command, before it runs. */
export function CommandDialog() {
  const pending = pendingCommand.value;
  if (!pending) return null;
  return (
    <Dialog label={`${pending.command.display}: ${pending.resource.name}`} class="confirm" onClose={close}>
      <Form pending={pending} />
    </Dialog>
  );
}
