import type { Cause, Snapshot } from "../../api/schema";
import { stateLook } from "../../components/marks/stateLook";

/** The choices of the toolbar's state filter. */
export type StateFilter = "all" | "needs" | "waiting" | "running" | "done";

/** What the toolbar filters by. */
export interface Filter {
  text: string;
  state: StateFilter;
  /** The kinds that are shown; none means all. */
  types: readonly string[];
}

/** The choice that an address names. */
export function readStateFilter(value: string | null): StateFilter {
  switch (value) {
    case "needs":
    case "waiting":
    case "running":
    case "done":
      return value;
    default:
      return "all";
  }
}

/** Whether a filter hides anything. */
export function isActive(filter: Filter): boolean {
  return filter.text.trim() !== "" || filter.state !== "all" || filter.types.length > 0;
}

function hasState(resource: Snapshot, state: StateFilter, causes: ReadonlySet<string>): boolean {
  switch (state) {
    case "all":
      return true;
    case "needs":
      return causes.has(resource.id);
    case "waiting":
      return resource.state === "Waiting";
    case "running":
      return stateLook(resource).tone === "ok";
    case "done":
      return resource.state === "Finished";
  }
}

/** Whether a resource is shown: each word of the text is in its name, its kind or its state. */
export function matches(resource: Snapshot, filter: Filter, causes: ReadonlySet<string>): boolean {
  const words = filter.text.toLowerCase().split(/\s+/);
  const text =
    `${resource.name} ${resource.type} ${stateLook(resource).word} ${resource.state}`.toLowerCase();
  return (
    words.every((word) => text.includes(word)) &&
    (filter.types.length === 0 || filter.types.includes(resource.type)) &&
    hasState(resource, filter.state, causes)
  );
}

/** How many resources each choice of the state filter shows; of those that need a person, how many causes there are. */
export function stateCounts(all: readonly Snapshot[], causes: readonly Cause[]): Record<StateFilter, number> {
  const none: ReadonlySet<string> = new Set();
  const count = (state: StateFilter) => all.filter((resource) => hasState(resource, state, none)).length;
  return {
    all: all.length,
    needs: causes.length,
    waiting: count("waiting"),
    running: count("running"),
    done: count("done"),
  };
}

/** The kinds of some resources, each once, in order. */
export function typesOf(all: readonly Snapshot[]): readonly string[] {
  return [...new Set(all.map((resource) => resource.type))].sort((a, b) => a.localeCompare(b));
}
