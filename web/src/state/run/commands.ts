import { signal } from "@preact/signals";
import { ask } from "../../api/client";
import { toProblem } from "../../api/problem";
import type { CommandView, Routes, Snapshot } from "../../api/schema";
import { notify, renew } from "../notifications";
import { writeAddress } from "../place/address";
import { whyOff } from "./connection";
import { resources } from "./resources";

/** A value of an input of a command. */
export type InputValues = NonNullable<
  Routes["POST /api/resources/{id}/commands/{command}"]["body"]["inputs"]
>;

/** A command that is asked about before it runs. */
export interface PendingCommand {
  resource: Snapshot;
  command: CommandView;
}

/** The command whose question or inputs are open. */
export const pendingCommand = signal<PendingCommand | null>(null);
/** The commands that run, as `id/command`. */
export const runningCommands = signal<ReadonlySet<string>>(new Set());

/** Milliseconds after which a command that still runs is told of. */
const PATIENCE = 1000;

/** A command of a resource by its name. */
export function commandOf(resource: Snapshot, name: string): CommandView | undefined {
  return resource.commands.find((command) => command.name === name);
}

/** Why a command can't be run now, in words; empty when it can. */
export function whyNot(command: CommandView): string {
  return whyOff() || (command.enabled ? "" : command.why_not || "not possible now");
}

/** Whether a command of a resource runs, whoever has given it. */
export function isRunning(id: string, name: string): boolean {
  if (runningCommands.value.has(`${id}/${name}`)) return true;
  const resource = resources.get(id);
  const command = resource && commandOf(resource, name);
  return command !== undefined && command.running_since !== null;
}

/** Run a command, or ask first where it says so or wants inputs. */
export function startCommand(id: string, name: string): void {
  const resource = resources.get(id);
  const command = resource && commandOf(resource, name);
  if (!resource || !command || whyNot(command) !== "" || isRunning(id, name)) return;
  if (command.confirm !== null || command.inputs.length > 0) pendingCommand.value = { resource, command };
  else void runCommand(resource, command, {});
}

/** The words for what is being done and what was done. */
function wordsOf(command: CommandView, name: string): { doing: string; done: string } {
  switch (command.name) {
    case "start":
      return { doing: `Starting ${name}`, done: `${name} started` };
    case "stop":
      return { doing: `Stopping ${name}`, done: `${name} stopped` };
    case "restart":
      return { doing: `Restarting ${name}`, done: `${name} restarted` };
    default:
      return { doing: `${command.display}: ${name}`, done: `${command.display} of ${name} is done` };
  }
}

function mark(key: string, runs: boolean): void {
  const keys = new Set(runningCommands.peek());
  if (runs) keys.add(key);
  else keys.delete(key);
  runningCommands.value = keys;
}

/** What a result says, in a line. */
function resultText(message: string | null, data: unknown): string {
  if (message) return message;
  if (data === null || data === undefined) return "";
  return typeof data === "string" ? data : JSON.stringify(data);
}

/** Run a command, and tell what came of it. */
export async function runCommand(
  resource: Snapshot,
  command: CommandView,
  inputs: InputValues,
): Promise<void> {
  const { id, name } = resource;
  const key = `${id}/${command.name}`;
  const words = wordsOf(command, name);
  const link = { label: "View log", href: `${writeAddress("console")}?r=${encodeURIComponent(id)}` };
  let shown: number | null = null;
  const tell: typeof notify = (news) => {
    if (shown === null) shown = notify(news);
    else renew(shown, news);
    return shown;
  };
  mark(key, true);
  const timer = setTimeout(
    () => tell({ tone: "busy", title: words.doing, text: "", progress: true, link }),
    PATIENCE,
  );
  try {
    const path = { id, command: command.name };
    const answer = await ask("POST /api/resources/{id}/commands/{command}", { path, body: { inputs } });
    clearTimeout(timer);
    tell({ tone: "ok", title: words.done, text: resultText(answer.message, answer.data), link });
  } catch (error) {
    clearTimeout(timer);
    const { message, remedy } = toProblem(error);
    const title = `${command.display} of ${name} failed`;
    tell({ tone: "bad", title, text: remedy ? `${message} ${remedy}` : message, link });
  } finally {
    mark(key, false);
  }
}
