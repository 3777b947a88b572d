import type { VariableView } from "../../../api/schema";

/** A value as a .env file writes it: in quotes where it has to be. */
function quoted(value: string): string {
  if (/^[\w./:@%+,=-]*$/.test(value)) return value;
  const escaped = value
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("\n", "\\n")
    .replaceAll("$", "\\$");
  return `"${escaped}"`;
}

/** The variables as a .env file. Secret ones are named without their values. */
export function envFile(variables: readonly VariableView[]): string {
  const lines = variables.map(({ name, value, secret }) =>
    secret ? `# ${name} is secret` : `${name}=${quoted(value)}`,
  );
  return `${lines.join("\n")}\n`;
}
