// The parameters of the sample shop.
const AT = Date.now() / 1000;
const SOURCES = ["set in this run", "command line", "environment", "stored", "pyproject.toml"];

function parameter(name, value, source, users, line, more = {}) {
  const last = more.generated ? "generated" : "default";
  return {
    name,
    secret: more.secret ?? false,
    description: more.description ?? "",
    value: value !== null && more.secret ? "***" : value,
    source,
    sources: [...SOURCES, last].map((each) => ({
      name: each,
      has_value: each === source,
      wins: each === source,
    })),
    used_by: users.map((resource) => ({
      resource,
      waits_since: value === null ? AT - 780 : null,
      stale: resource === more.stale,
    })),
    file: "/home/dev/shop/apphost.py",
    line,
    changed_at: more.stale ? AT - 420 : null,
    variable: `FAIRLEAD_PARAMETER_${name.toUpperCase().replaceAll("-", "_")}`,
    command: `--parameter ${name}=${more.secret ? "@FILE" : "VALUE"}`,
    stored: source === "stored" || source === "generated",
  };
}

/** All parameters, and where values are kept. */
export const PARAMETERS = {
  parameters: [
    parameter("payment-key", null, "", ["worker"], 11, {
      secret: true,
      description: "Test-mode secret key of the payment provider. Begins with test_.",
    }),
    parameter("pg-password", "x", "generated", ["pg", "orders"], 7, { secret: true, generated: true }),
    parameter("region", "eu-central", "pyproject.toml", ["api", "worker"], 13),
    parameter("page-size", "50", "command line", ["api"], 13),
    parameter("search-master-key", "x", "stored", ["search", "api"], 32, { secret: true, stale: "api" }),
    parameter("smtp-url", "smtp://localhost:1025", "environment", ["worker"], 22),
  ],
  stores: [
    { kind: "stored", path: "~/.config/fairlead/secrets/shop-3f9a1c.json", count: 3 },
    { kind: "pyproject.toml", path: "/home/dev/shop/pyproject.toml", count: 1 },
  ],
};
