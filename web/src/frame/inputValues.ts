import type { CommandInput, CommandView } from "../api/schema";
import type { InputValues } from "../state/run/commands";

/** What the fields of a dialog hold, by the names of the inputs; a truth value is `true` or empty. */
export type Fields = Readonly<Record<string, string>>;

/** What the fields hold at first: the defaults. */
export function initialFields(command: CommandView): Fields {
  return Object.fromEntries(command.inputs.map((input) => [input.name, initialField(input)]));
}

function initialField({ kind, default: value, required, choices }: CommandInput): string {
  if (kind === "boolean") return value === true ? "true" : "";
  if (kind === "choice" && value === null && required) return choices[0] ?? "";
  return value === null ? "" : String(value);
}

/** What is wrong with a field, in words; empty when nothing is. */
export function fieldProblem({ kind, label, name, required }: CommandInput, value: string): string {
  const called = label || name;
  if (kind === "boolean") return "";
  if (required && value === "") return `${called} is needed.`;
  if (kind === "number" && value !== "" && !Number.isFinite(Number(value)))
    return `${called} is a number, not “${value}”.`;
  return "";
}

/** What is sent: empty fields are left out, so that the defaults count. */
export function inputValues(command: CommandView, fields: Fields): InputValues {
  const values: Record<string, string | number | boolean> = {};
  for (const { name, kind } of command.inputs) {
    const value = fields[name] ?? "";
    if (kind === "boolean") values[name] = value === "true";
    else if (value !== "") values[name] = kind === "number" ? Number(value) : value;
  }
  return values;
}
