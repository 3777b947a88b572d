// The lines of the sample graphs: what each resource needs, as `PROVIDER > CONSUMER: waits reference values`.
const SHOP = `
payment-key > worker: value values
payments > worker: reference values
orders > worker: ready reference values
cache > worker: ready reference values
search-api > worker: ready values
orders > migrate: ready reference values
migrate > api: completed
orders > api: ready reference values
cache > api: ready reference values
search-api > api: ready values
api > web: ready reference values
orders > seed: ready reference values
k8s > search: ready
k8s > widget-crd: ready
search > search-api: completed
widget-crd > rates: completed
pg-password > pg: value values
pg-password > orders: value values`;

const WAITS = ["ready", "started", "completed", "value"];

function link(provider, consumer, words, line) {
  return {
    provider,
    consumer,
    waits: words.filter((word) => WAITS.includes(word)),
    reference: words.includes("reference"),
    values: words.includes("values"),
    file: "/home/dev/shop/apphost.py",
    line,
  };
}

/** The lines of the shop. */
export const LINKS = SHOP.trim()
  .split("\n")
  .map((text, index) => {
    const [ends, words] = text.split(": ");
    const [provider, consumer] = ends.split(" > ");
    return link(provider, consumer, words.split(" "), 12 + index);
  });

/** The lines of many resources: those of each team need their database and cache, and some the API of another team. */
export function manyLinks(ids) {
  const needs = {
    api: ["db", "cache"],
    worker: ["db", "api"],
    jobs: ["api"],
    gateway: ["api"],
    web: ["gateway"],
    sync: ["db"],
    events: ["cache"],
    audit: ["events"],
    import: ["setup", "db"],
    export: ["db"],
    mailer: ["events"],
    index: ["db"],
    rules: ["api"],
    admin: ["api", "rules"],
    feed: ["index"],
    done: ["import"],
  };
  const teams = [...new Set(ids.map((id) => id.split("-")[0]))];
  return ids.flatMap((id, index) => {
    const [team, part] = id.split("-");
    const own = (needs[part] ?? []).map((need) => `${team}-${need}`);
    const before = teams[(teams.indexOf(team) || 1) - 1];
    const others = part === "api" && team !== teams[0] ? [`${before}-gateway`] : [];
    return [...own, ...others]
      .filter((provider) => ids.includes(provider))
      .map((provider) => link(provider, id, ["ready", "reference", "values"], index + 1));
  });
}
