import type { Row } from "./lines/rows";
import type { StoredLine } from "./lines/storedLine";
import { plainText } from "./text/ansi";

function lineText(line: StoredLine, name: string): string {
  const time = new Date(line.time * 1000).toISOString();
  if (line.lost > 0) return `${time} ${name} - ${line.lost} lines were lost`;
  return `${time} ${name} ${line.isOwn ? "fairlead" : (line.level ?? "-")} ${plainText(line.text)}`;
}

/** The rows as a text: each line with its time (UTC), its resource and its level. */
export function textOf(rows: readonly Row[], nameOf: (line: StoredLine) => string): string {
  const lines: string[] = [];
  for (const row of rows) {
    const name = nameOf(row.head);
    lines.push(row.count > 1 ? `${lineText(row.head, name)} (×${row.count})` : lineText(row.head, name));
    for (const line of row.stack ?? []) lines.push(lineText(line, name));
  }
  return lines.length > 0 ? `${lines.join("\n")}\n` : "";
}

/** Let the browser save a text.
 * @param name The name of the file. */
export function saveText(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
