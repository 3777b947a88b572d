import { expect, test } from "vitest";
import { kindIcon } from "./kinds";

test.each([
  ["K3s cluster", "cluster"],
  ["Agent node", "node"],
  ["Node app", "process"],
  ["Uvicorn app", "process"],
  ["Postgres database", "database"],
  ["External service", "external"],
  ["Pod", "pod"],
  ["Something new", "container"],
])("%s has the icon %s", (type, icon) => {
  expect(kindIcon({ type, icon: null })).toBe(icon);
});

test("an icon of its own wins, if there is one of that name", () => {
  expect(kindIcon({ type: "Container", icon: "database" })).toBe("database");
  expect(kindIcon({ type: "Container", icon: "unicorn" })).toBe("container");
});
