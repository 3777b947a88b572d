import type { ModelResource, Snapshot } from "../../../api/schema";

/** What the definition says of how a resource has to do with others. */
type Related = Pick<ModelResource, "name"> & {
  references: readonly Pick<ModelResource["references"][number], "resource">[];
  waits: readonly Pick<ModelResource["waits"][number], "resource">[];
};

/** How resources have to do with one another, each kind with the names. */
export interface Relation {
  words: string;
  names: readonly string[];
}

/** What a resource has to do with others: what it uses and waits for, who uses it, what belongs to it. */
export function relationsOf(
  resource: Pick<Snapshot, "id" | "name" | "parent" | "owner">,
  model: { resources: readonly Related[] } | null,
  children: readonly string[],
): readonly Relation[] {
  const all = model?.resources ?? [];
  const own = all.find((each) => each.name === resource.name);
  const unique = (names: readonly string[]) => [...new Set(names)];
  const relations = [
    { words: "belongs to", names: unique([resource.parent, resource.owner].filter((each) => each !== null)) },
    { words: "refers to", names: unique((own?.references ?? []).map((reference) => reference.resource)) },
    { words: "waits for", names: unique((own?.waits ?? []).map((wait) => wait.resource)) },
    {
      words: "is used by",
      names: all
        .filter((each) => each.references.some((to) => to.resource === resource.name))
        .map(({ name }) => name),
    },
    {
      words: "holds up",
      names: all
        .filter((each) => each.waits.some((to) => to.resource === resource.name))
        .map(({ name }) => name),
    },
    { words: "has", names: children },
  ];
  return relations.filter((relation) => relation.names.length > 0);
}
