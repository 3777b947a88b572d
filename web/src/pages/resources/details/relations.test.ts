import { expect, test } from "vitest";
import { relationsOf } from "./relations";

const to = (...names: string[]) => names.map((resource) => ({ resource }));

test("what a resource uses, what uses it and what belongs to it is told, each name once", () => {
  const resources = [
    { name: "api", references: to("orders", "orders", "cache"), waits: to("orders") },
    { name: "web", references: to("api"), waits: to("api") },
  ];
  const api = { id: "api", name: "api", parent: "group", owner: null };
  expect(relationsOf(api, { resources }, ["api-1"])).toEqual([
    { words: "belongs to", names: ["group"] },
    { words: "refers to", names: ["orders", "cache"] },
    { words: "waits for", names: ["orders"] },
    { words: "is used by", names: ["web"] },
    { words: "holds up", names: ["web"] },
    { words: "has", names: ["api-1"] },
  ]);
});

test("an observed resource belongs to its parent and its owner", () => {
  const pod = { id: "pod", name: "pod", parent: "rates/Deployment", owner: "rates" };
  expect(relationsOf(pod, null, [])).toEqual([{ words: "belongs to", names: ["rates/Deployment", "rates"] }]);
});
