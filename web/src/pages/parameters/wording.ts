import type { ParameterList, ParameterView, Snapshot } from "../../api/schema";
import { clock, counted, listed } from "../../state/format";

/** The kind of store that keeps values for later runs. */
const STORED = "stored";

/** The sources in the order in which they win; what stands at one place of several parameters is joined. */
export function sourceOrder(parameters: readonly ParameterView[]): readonly string[] {
  const places: Set<string>[] = [];
  for (const { sources } of parameters) {
    for (const [index, { name }] of sources.entries()) {
      const place = places[index];
      if (place) place.add(name);
      else places[index] = new Set([name]);
    }
  }
  return places.map((names) => [...names].sort().join(" or "));
}

/** What is under the heading: 6 parameters, 1 without a value. */
export function summary(parameters: readonly ParameterView[]): string {
  const missing = parameters.filter(isMissing).length;
  return counted(parameters.length, "parameter") + (missing > 0 ? `, ${missing} without a value` : "");
}

/** Whether nothing gives a parameter a value. */
export function isMissing({ value }: ParameterView): boolean {
  return value === null;
}

/** Whether a resource waits for the value of this parameter and for nothing else. */
function waitsOnlyFor({ waits }: Snapshot, parameter: string): boolean {
  return waits.every((wait) => wait.satisfied || wait.resource === parameter);
}

/** The words of the button that gives a value: what starts when it is given.
 * @param parameter The parameter.
 * @param find The resources by name. */
export function setLabel(parameter: ParameterView, find: (name: string) => Snapshot | undefined): string {
  const started = parameter.used_by
    .filter(({ resource, waits_since }) => {
      const snapshot = find(resource);
      return waits_since !== null && snapshot !== undefined && waitsOnlyFor(snapshot, parameter.name);
    })
    .map(({ resource }) => resource);
  if (started.length === 0) return "Set value";
  return `Set value and start ${started.length > 2 ? counted(started.length, "resource") : listed(started)}`;
}

/** What is wrong with a value, in words; empty when nothing is. */
export function valueProblem(value: string): string {
  return value === "" ? "An empty value counts as none." : "";
}

/** A pasted or typed value without the end of its last line, as `--parameter NAME=@FILE` reads it. */
export function cleanValue(value: string): string {
  return value.replace(/\r\n/g, "\n").replace(/\n$/, "");
}

/** A resource that runs with an older value of a parameter. */
export interface StaleUse {
  parameter: string;
  resources: readonly string[];
  /** Such as "search-master-key was changed at 14:09:12; api still runs with the one before." */
  text: string;
}

/** The parameters that some resources still have an older value of. */
export function staleUses(parameters: readonly ParameterView[]): readonly StaleUse[] {
  return parameters.flatMap(({ name, used_by, changed_at }) => {
    const stale = used_by.filter((user) => user.stale).map(({ resource }) => resource);
    if (stale.length === 0) return [];
    const when = changed_at === null ? "" : ` at ${clock(changed_at)}`;
    const still = `${listed(stale)} still ${stale.length === 1 ? "runs" : "run"} with the one before.`;
    return { parameter: name, resources: stale, text: `${name} was changed${when}; ${still}` };
  });
}

/** The file that keeps values for later runs; undefined in a run that keeps none. */
export function storedPath({ stores }: ParameterList): string | undefined {
  return stores.find((store) => store.kind === STORED)?.path;
}

/** What is said of a file in which values are kept. */
export function storeText(kind: string, count: number): string {
  return kind === STORED
    ? counted(count, "stored or generated value")
    : counted(count, "plain value of this project", "plain values of this project");
}

/** The ways to give a value without the page, as typed in a shell. */
export function otherWays({ variable, command }: ParameterView): readonly string[] {
  return [`fairlead run ${command}`, `${variable}=… fairlead run`];
}
