import { ask } from "../../../api/client";
import { toProblem } from "../../../api/problem";
import { counted } from "../../../state/format";
import { notify } from "../../../state/notifications";
import { readExport } from "./readExport";

/** Import the traces of some files, and say what came of it. Returns the id of the first one. */
export async function importFiles(files: readonly File[]): Promise<string | undefined> {
  const imported: string[] = [];
  for (const file of files) {
    try {
      const body = readExport(file.name, await file.text());
      const { traces } = await ask("POST /api/telemetry/import", { body });
      imported.push(...traces);
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
