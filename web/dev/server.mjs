// Serves the built page with a scripted control API, to look at the page without an app: `node dev/server.mjs`.
// SCENE chooses what is shown: shop (default), many, states, empty, loading. PORT is 18900 unless given.
// `npm run dev` passes /api on to the same port.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { CLUSTER } from "./cluster.mjs";
import { LINKS, manyLinks } from "./links.mjs";
import { allStates, MANY_CAUSES, manyResources } from "./many.mjs";
import { PARAMETERS } from "./parameters.mjs";
import { APP, CAUSES, eventsOf, MODEL, resources, sourceOf } from "./shop.mjs";

const PAGE = fileURLToPath(new URL("../../src/fairlead/dashboard/page", import.meta.url));
const SCENE = process.env.SCENE ?? "shop";
const PORT = Number(process.env.PORT ?? 18900);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'";

const SCENES = {
  shop: () => [resources(), CAUSES],
  many: () => [manyResources(), MANY_CAUSES],
  states: () => [allStates(), Array.from({ length: 7 }, (_, at) => ({ ...CAUSES[at % 3], id: `${at}` }))],
  empty: () => [[], []],
  loading: () => [[], []],
};
const [present, causes] = SCENES[SCENE]();
let version = 10000;

const walks = new Map();

/** The next value of a measurement that wanders. */
function wander(key, middle) {
  const value =
    (walks.get(key) ?? middle) * (0.85 + Math.random() * 0.3) + middle * 0.02 * (Math.random() - 0.4);
  walks.set(key, Math.min(middle * 2.4, Math.max(middle * 0.15, value)));
  return walks.get(key);
}

function usageAt(time) {
  const values = {};
  for (const each of present)
    if (
      each.state === "Running" &&
      each.parent !== "pg" &&
      !each.id.startsWith("rates") &&
      each.type !== "Service endpoint"
    )
      values[each.id] = [
        wander(`${each.id} cpu`, 0.4 + (each.id.length % 5) * 2),
        2 ** 20 * (9 + (each.id.length ** 3 % 300)),
      ];
  return { kind: "usage", time, values };
}

function watch(request, response) {
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  if (SCENE === "loading") return;
  const send = (record) => response.write(`${JSON.stringify(record)}\n`);
  for (const snapshot of present) send({ kind: "snapshot", snapshot });
  send({ kind: "present", version, order: present.map((each) => each.id) });
  send({ kind: "causes", causes });
  const now = Math.floor(Date.now() / 1000);
  for (let ago = 59; ago >= 0; ago -= 1) send(usageAt(now - ago));
  const ticks = setInterval(() => {
    send(usageAt(Math.floor(Date.now() / 1000)));
    send({ kind: "alive" });
  }, 1000);
  const churn =
    SCENE === "many" &&
    setInterval(() => {
      const each = present[Math.floor(Math.random() * present.length)];
      version += 1;
      each.version = version;
      each.starts += 1;
      send({ kind: "snapshot", snapshot: each });
    }, 20);
  request.on("close", () => {
    clearInterval(ticks);
    clearInterval(churn);
  });
}

function cluster(request, response) {
  if (!request.url.includes("follow=1")) return answer(response, CLUSTER);
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  response.write(`${JSON.stringify(CLUSTER)}\n`);
}

function answer(response, value, status = 200) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify(value));
}

const failure = (message, remedy = null) => ({
  error: { kind: "usage", message, resource: null, remedy, exit_code: 2 },
});

/** The routes: a pattern and what answers; those behind are not reached when one fits. */
const ROUTES = [
  [/^GET \/api\/app$/, (_, response) => answer(response, APP)],
  [
    /^GET \/api\/model$/,
    (_, response) =>
      answer(response, {
        ...MODEL,
        links: SCENE === "many" ? manyLinks(present.map((each) => each.id)) : LINKS,
      }),
  ],
  [/^GET \/api\/parameters$/, (_, response) => answer(response, PARAMETERS)],
  [/^GET \/api\/clusters\/k8s$/, (request, response) => cluster(request, response)],
  [
    /^POST \/api\/parameters\/([^/]+)\/reveal$/,
    (_, response, [name]) => answer(response, { name, value: "k4Vq-92hTz" }),
  ],
  [/^GET \/api\/watch$/, (request, response) => watch(request, response)],
  [/^GET \/api\/causes$/, (_, response) => answer(response, { causes })],
  [
    /^GET \/api\/resources\/([^/]+)\/events$/,
    (_, response, [id]) => answer(response, { events: eventsOf(id) }),
  ],
  [/^GET \/api\/resources\/([^/]+)\/source$/, (_, response) => answer(response, sourceOf())],
  [
    /^POST \/api\/resources\/([^/]+)\/commands\/([^/]+)$/,
    (_, response, [id, name]) =>
      setTimeout(
        () =>
          name === "load-image"
            ? answer(
                response,
                failure("k8s-agent-0 has no room for shop/rates:dev.", "Remove what it no longer needs."),
                409,
              )
            : answer(response, { message: `Healthy 1.8 s after start.`, data: id === "x" ? {} : null }),
        1800,
      ),
  ],
  [
    /^POST \/api\/resources\/([^/]+)\/environment\/([^/]+)\/reveal$/,
    (_, response, [, name]) => answer(response, { name, value: "k4Vq-92hTz" }),
  ],
];

async function file(path, response) {
  const wanted = extname(path) ? path : "/index.html";
  try {
    const content = await readFile(join(PAGE, normalize(wanted)));
    response.writeHead(200, {
      "Content-Type": TYPES[extname(wanted)] ?? "application/octet-stream",
      "Content-Security-Policy": POLICY,
    });
    response.end(content);
  } catch {
    answer(response, failure("the page is not built", "npm run build"), 404);
  }
}

createServer((request, response) => {
  const { pathname } = new URL(request.url, "http://page");
  if (!pathname.startsWith("/api/")) return void file(pathname, response);
  for (const [pattern, handler] of ROUTES) {
    const match = pattern.exec(`${request.method} ${pathname}`);
    if (match) return handler(request, response, match.slice(1).map(decodeURIComponent));
  }
  answer(response, failure(`there is no ${pathname}`), 404);
}).listen(PORT, "127.0.0.1", () => process.stdout.write(`http://127.0.0.1:${PORT}/#t=dev\n`));
