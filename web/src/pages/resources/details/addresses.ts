import type { Snapshot } from "../../../api/schema";
import { shortUrl } from "../facts";

/** An address as a list shows it. */
export interface Address {
  name: string;
  address: string;
  note: string;
}

/** All addresses of a resource: links, and endpoints as this machine and as containers see them. An endpoint that a link
 * leads to is told once. */
export function addressesOf({ endpoints, urls }: Pick<Snapshot, "endpoints" | "urls">): readonly Address[] {
  const several = new Set(endpoints.map((endpoint) => endpoint.name)).size > 1;
  const noteOf = (url: string) =>
    endpoints.find(({ address }) => shortUrl(address) === shortUrl(url))?.note ?? "";
  const linked = new Set(urls.map(({ url }) => shortUrl(url)));
  return [
    ...urls.map(({ name, url }) => ({ name, address: url, note: noteOf(url) })),
    ...endpoints
      .filter(({ address }) => !linked.has(shortUrl(address)))
      .map(({ name, address, seen_from, note }) => ({
        name: seen_from === "container" ? `${several ? `${name} ` : ""}from containers` : name,
        address,
        note,
      })),
  ];
}
