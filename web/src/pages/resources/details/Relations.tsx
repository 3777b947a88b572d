import type { ComponentChildren } from "preact";
import type { ModelDocument, Snapshot } from "../../../api/schema";
import { KeyValueList } from "../../../components/KeyValueList";
import { writeAddress } from "../../../state/address";
import { childrenOf, resources } from "../../../state/resources";

/** How resources have to do with one another, each kind with the names. */
export interface Relation {
  words: string;
  names: readonly string[];
}

/** What a resource has to do with others: what it uses and waits for, who uses it, what belongs to it. */
export function relationsOf(
  resource: Pick<Snapshot, "id" | "name" | "parent" | "owner">,
  model: Pick<ModelDocument, "resources"> | null,
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

function Names({ ids }: { ids: readonly string[] }): ComponentChildren {
  return (
    <span class="plain names">
      {ids.map((id) => (
        <a key={id} href={writeAddress("resources", [id])} data-panel>
          {resources.get(id)?.name ?? id}
        </a>
      ))}
    </span>
  );
}

/** What a resource has to do with others. */
export function Relations({ relations }: { relations: readonly Relation[] }) {
  return (
    <KeyValueList
      entries={relations.map(({ words, names }) => ({
        key: words,
        name: words,
        value: <Names ids={names} />,
      }))}
    />
  );
}

/** The ids of what is right below a resource. */
export function childIds(id: string): readonly string[] {
  return childrenOf.value.get(id) ?? [];
}
