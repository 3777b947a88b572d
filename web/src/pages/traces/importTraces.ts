import { request } from "../../api/client";
import { toProblem } from "../../api/problem";
import { counted } from "../../state/format";
import { notify } from "../../state/notifications";

/** What a file holds, as JSON.
 * @throws Error when it holds none. */
async function readJson(file: File): Promise<unknown> {
  try {
    return JSON.parse(await file.text());
  } catch {
    throw new Error(`${file.name} is not JSON. A trace is exported as a file with OTLP JSON.`);
  }
}

async function importDocument(document: unknown): Promise<readonly string[]> {
  const response = await request("POST", "/api/telemetry/import", {
    body: JSON.stringify(document),
    headers: { "Content-Type": "application/json" },
  });
  const answer: { traces: readonly string[] } = await response.json();
  return answer.traces;
}

/** Import the traces of some files, and say what came of it. Returns the id of the first one. */
export async function importFiles(files: readonly File[]): Promise<string | undefined> {
  const imported: string[] = [];
  for (const file of files) {
    try {
      imported.push(...(await importDocument(await readJson(file))));
    } catch (error) {
      const { message, remedy } = toProblem(error);
      notify({
        tone: "bad",
        title: `${file.name} was not imported`,
        text: [message, remedy].filter(Boolean).join(" "),
      });
    }
  }
  if (imported.length > 0)
    notify({ tone: "ok", title: `${counted(imported.length, "trace")} imported`, text: "" });
  return imported[0];
}
