import type { Snapshot } from "../../../api/schema";
import { KeyValueList } from "../../../components/lists/KeyValueList";
import { isLink } from "../facts";
import { addressesOf } from "./addresses";

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
