import type { ComponentChildren } from "preact";
import type { Snapshot } from "../../../api/schema";
import { KeyValueList } from "../../../components/lists/KeyValueList";
import { writeAddress } from "../../../state/place/address";
import { childrenOf, resources } from "../../../state/run/resources";
import type { Relation } from "./relations";

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

/** The ids of what is right below a resource: its replicas, and resources that belong to it. */
export function childIds({ id, replicas }: Snapshot): readonly string[] {
  const parts = replicas.length > 1 ? replicas.map((replica) => replica.id) : [];
  return [...parts, ...(childrenOf.value.get(id) ?? [])];
}
