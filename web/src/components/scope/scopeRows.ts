import type { Snapshot } from "../../api/schema";

type Placed = Pick<Snapshot, "id" | "name" | "parent">;

/** A row of the tree of the resources in view. */
export interface ScopeRow {
  id: string;
  name: string;
  level: number;
  /** Ticked, not, or some of those below it. */
  tick: "on" | "off" | "mixed";
}

function childrenOf(all: readonly Placed[]): Map<string, Placed[]> {
  const ids = new Set(all.map((each) => each.id));
  const children = new Map<string, Placed[]>();
  for (const each of all) {
    const parent = each.parent !== null && ids.has(each.parent) ? each.parent : "";
    const siblings = children.get(parent);
    if (siblings) siblings.push(each);
    else children.set(parent, [each]);
  }
  return children;
}

/** The rows of the tree: all resources that can be in view, in order, those below others behind them.
 * @param chosen The ids that are in view; none means all.
 * @param filter Only those whose names hold this text, and what they belong to. */
export function scopeRows(all: readonly Placed[], chosen: readonly string[], filter: string): ScopeRow[] {
  const below = childrenOf(all);
  const wanted = filter.trim().toLowerCase();
  const rows: ScopeRow[] = [];

  function add(parent: string, level: number): { on: boolean; matches: boolean } {
    let on = false;
    let matches = false;
    for (const { id, name } of below.get(parent) ?? []) {
      const row: ScopeRow = { id, name, level, tick: "off" };
      const at = rows.push(row) - 1;
      const inside = add(id, level + 1);
      const own = chosen.length === 0 || chosen.includes(id);
      row.tick = own ? "on" : inside.on ? "mixed" : "off";
      const fits = inside.matches || name.toLowerCase().includes(wanted);
      if (!fits) rows.splice(at, 1);
      on ||= own || inside.on;
      matches ||= fits;
    }
    return { on, matches };
  }

  add("", 0);
  return rows;
}

/** The ids in view after one was ticked or unticked.
 * @param all All ids that can be in view, in order; ticking the last one of them means all again.
 * @param nothing What stands for no resource at all. */
export function toggled(
  all: readonly string[],
  chosen: readonly string[],
  id: string,
  nothing: string,
): readonly string[] {
  const before = chosen.length === 0 ? all : chosen;
  const after = before.includes(id) ? before.filter((each) => each !== id) : [...before, id];
  const ordered = all.filter((each) => after.includes(each));
  if (ordered.length === all.length) return [];
  return ordered.length === 0 ? [nothing] : ordered;
}
