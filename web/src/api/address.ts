/** What a query parameter may be; undefined, null, false and empty lists are left out, true is written as 1. */
export type QueryValue = string | number | boolean | null | undefined | readonly (string | number)[];

/** The query string of some parameters, with its question mark; empty when there are none. */
export function queryString(query: Readonly<Record<string, QueryValue>>): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === false) continue;
    if (Array.isArray(value)) for (const each of value) pairs.append(name, String(each));
    else pairs.append(name, value === true ? "1" : String(value));
  }
  const text = pairs.toString();
  return text ? `?${text}` : "";
}

/** A route's path with its segments filled in, each as one segment. */
export function fillPath(template: string, segments: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(segments[name] ?? ""));
}
