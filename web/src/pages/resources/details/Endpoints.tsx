import type { Snapshot } from "../../../api/schema";
import { KeyValueList } from "../../../components/KeyValueList";
import { isLink } from "../facts";

/** An address as a list shows it. */
interface Address {
  name: string;
  address: string;
  note: string;
}

/** All addresses of a resource: those of its endpoints, and links that are no endpoint's. */
export function addressesOf({ endpoints, urls }: Snapshot): readonly Address[] {
  const several = new Set(endpoints.map((endpoint) => endpoint.name)).size > 1;
  const known = new Set(endpoints.map((endpoint) => endpoint.address));
  return [
    ...urls.filter(({ url }) => !known.has(url)).map(({ name, url }) => ({ name, address: url, note: "" })),
    ...endpoints.map(({ name, address, seen_from, note }) => ({
      name: seen_from === "container" ? `${several ? `${name} ` : ""}from containers` : name,
      address,
      note,
    })),
  ];
}

/** The addresses of a resource. */
export function Endpoints({ resource }: { resource: Snapshot }) {
  return (
    <KeyValueList
      entries={addressesOf(resource).map(({ name, address, note }) => ({
        key: `${name} ${address} ${note}`,
        name,
        value: isLink(address) ? (
          <a class="v cut" href={address} target="_blank" rel="noopener" title={address}>
            {address}
          </a>
        ) : (
          address
        ),
        note,
      }))}
    />
  );
}
