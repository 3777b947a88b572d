import { token } from "../state/place/token";
import { fillPath, type QueryValue, queryString } from "./address";
import { connectionProblem, problemOf, RequestError } from "./problem";
import type { Routes } from "./schema";

type Key = keyof Routes;

/** What goes into a request; what its route does not know is an error of types. */
export interface RequestOptions<K extends Key> {
  path?: Routes[K]["path"];
  query?: Routes[K]["query"];
  body?: Routes[K]["body"];
  signal?: AbortSignal;
}

/** The address of a route, such as for a link to download from. */
export function addressOf<K extends Key>(
  route: K,
  options: Pick<RequestOptions<K>, "path" | "query"> = {},
): string {
  const template = route.slice(route.indexOf(" ") + 1);
  const segments: Readonly<Record<string, string>> = options.path ?? {};
  const query: Readonly<Record<string, QueryValue>> = options.query ?? {};
  return fillPath(template, segments) + queryString(query);
}

/** The headers that every request carries. */
export function headers(): Record<string, string> {
  return token.value ? { Authorization: `Bearer ${token.value}` } : {};
}

/** Fetch an address with the token.
 * @throws RequestError when it is refused, or no answer comes. */
export async function request(method: string, address: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { ...init, method, headers: { ...headers(), ...init.headers } });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new RequestError(connectionProblem());
  }
  if (response.ok) return response;
  throw new RequestError(problemOf(response.status, await response.json().catch(() => null)));
}

/** Ask a route of the control API.
 * @throws RequestError when it refuses, or no answer comes. */
export async function ask<K extends Key>(
  route: K,
  options: RequestOptions<K> = {},
): Promise<Routes[K]["answer"]> {
  const method = route.slice(0, route.indexOf(" "));
  const init: RequestInit = options.signal ? { signal: options.signal } : {};
  if (options.body !== undefined) {
    init.body = JSON.stringify(options.body);
    init.headers = { "Content-Type": "application/json" };
  } else if (method === "POST") {
    init.body = "{}";
    init.headers = { "Content-Type": "application/json" };
  }
  const response = await request(method, addressOf(route, options), init);
  return response.json();
}
