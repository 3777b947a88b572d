import { ask } from "../../api/client";

/** A variable of a resource's last start in clear; the request is in the resource's log. */
export async function revealVariable(id: string, name: string): Promise<string> {
  const answer = await ask("POST /api/resources/{id}/environment/{name}/reveal", { path: { id, name } });
  return answer.value;
}
