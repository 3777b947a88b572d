import type { Snapshot, WaitView } from "../../api/schema";
import type { Look } from "../../components/marks/stateLook";
import { clock, measured } from "../../state/format";

/** Shorter than this, nothing was waited for. */
const AT_ONCE = 0.05;

/** What a resource was that was waited for. */
function past({ condition }: WaitView): string {
  switch (condition) {
    case "value":
      return "had a value";
    case "completed":
      return "was completed";
    default:
      return `was ${condition}`;
  }
}

/** What is said of a wait that is over: orders was healthy at 14:02:13, 1.9 s after api asked. */
export function overText(wait: WaitView, consumer: string): string {
  const { resource, since, took } = wait;
  if (since === null) return `${resource} ${past(wait)}`;
  if (took === null || took < AT_ONCE)
    return `${resource} ${past(wait)} already when ${consumer} asked, at ${clock(since)}`;
  return `${resource} ${past(wait)} at ${clock(since)}, ${measured(took)} after ${consumer} asked`;
}

/** What is said of a wait that goes on. */
export function openText({ resource, condition, since, why_not }: WaitView, consumer: string): string {
  const what = condition === "value" ? `for a value of ${resource}` : `until ${resource} is ${condition}`;
  const begun = since === null ? "" : ` since ${clock(since)}`;
  return `${consumer} waits ${what}${begun}${why_not ? `: ${why_not}` : ""}`;
}

/** A line of the section on waits: how it looks, and what it says. */
export interface WaitFact {
  look: Pick<Look, "shape" | "tone">;
  text: string;
}

/** What is said of the waits of one resource for another.
 * @param isDeclared Whether the definition says that it waits. */
export function waitFacts(
  waits: readonly WaitView[],
  consumer: Pick<Snapshot, "name" | "state">,
  isDeclared: boolean,
): readonly WaitFact[] {
  if (waits.length > 0) {
    return waits.map((wait) => {
      if (wait.satisfied) return { look: { shape: "done", tone: "ok" }, text: overText(wait, consumer.name) };
      if (consumer.state === "Waiting")
        return { look: { shape: "wait", tone: "wait" }, text: openText(wait, consumer.name) };
      return {
        look: { shape: "idle", tone: "idle" },
        text: `${consumer.name} no longer waits for ${wait.resource}`,
      };
    });
  }
  if (!isDeclared) return [];
  const text =
    consumer.state === "NotStarted"
      ? `${consumer.name} has not been started, so its wait has not begun`
      : `${consumer.name} was started without waiting`;
  return [{ look: { shape: "idle", tone: "idle" }, text }];
}
