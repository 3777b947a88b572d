import { expect, test } from "vitest";
import type { ParameterView } from "../../api/schema";
import { snapshotOf } from "../../testing/snapshots";
import { cleanValue, setLabel, sourceOrder, staleUses, summary } from "./wording";

function parameter(fields: Partial<ParameterView> & { name: string }): ParameterView {
  return {
    secret: false,
    description: "",
    value: "x",
    source: "default",
    sources: [],
    used_by: [],
    file: "apphost.py",
    line: 1,
    changed_at: null,
    variable: "FAIRLEAD_PARAMETER_X",
    command: "--parameter x=VALUE",
    stored: false,
    ...fields,
  };
}

const source = (name: string) => ({ name, has_value: false, wins: false });
const wait = (resource: string, satisfied: boolean) => ({
  resource,
  condition: "healthy",
  satisfied,
  since: 1,
  why_not: "",
  took: null,
});

test("the order of sources joins what differs between parameters", () => {
  const list = [
    parameter({ name: "a", sources: [source("command line"), source("default")] }),
    parameter({ name: "b", sources: [source("command line"), source("generated")] }),
  ];
  expect(sourceOrder(list)).toEqual(["command line", "default or generated"]);
});

test("the summary counts those without a value", () => {
  expect(summary([parameter({ name: "a" })])).toBe("1 parameter");
  expect(summary([parameter({ name: "a" }), parameter({ name: "b", value: null })])).toBe(
    "2 parameters, 1 without a value",
  );
});

test("the button names only what has nothing else to wait for", () => {
  const key = parameter({
    name: "key",
    value: null,
    used_by: ["worker", "api", "web"].map((resource) => ({
      resource,
      waits_since: resource === "web" ? null : 1,
      stale: false,
    })),
  });
  const label = (...workerWaits: ReturnType<typeof wait>[]) => {
    const all = [
      snapshotOf({ id: "worker", waits: [wait("key", false), ...workerWaits] }),
      snapshotOf({ id: "api", waits: [wait("key", false), wait("orders", true)] }),
      snapshotOf({ id: "web" }),
    ];
    return setLabel(key, (name) => all.find((each) => each.id === name));
  };
  expect(label()).toBe("Set value and start worker and api");
  expect(label(wait("orders", false))).toBe("Set value and start api");
  expect(setLabel(key, () => undefined)).toBe("Set value");
});

test("many resources are counted on the button", () => {
  const used_by = ["a", "b", "c"].map((resource) => ({ resource, waits_since: 1, stale: false }));
  expect(setLabel(parameter({ name: "key", used_by }), (id) => snapshotOf({ id }))).toBe(
    "Set value and start 3 resources",
  );
});

test("a value loses only the end of its last line", () => {
  expect(cleanValue("-----BEGIN\r\nabc\r\n")).toBe("-----BEGIN\nabc");
  expect(cleanValue(" x ")).toBe(" x ");
});

test("who still runs with an older value is named", () => {
  const used_by = [
    { resource: "api", waits_since: null, stale: true },
    { resource: "web", waits_since: null, stale: false },
  ];
  const [use] = staleUses([parameter({ name: "key", used_by }), parameter({ name: "other" })]);
  expect(use?.resources).toEqual(["api"]);
  expect(use?.text).toBe("key was changed; api still runs with the one before.");
});
