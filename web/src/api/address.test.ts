import { expect, test } from "vitest";
import { fillPath, queryString } from "./address";

test("a resource id is one segment, whatever is in it", () => {
  expect(fillPath("/api/resources/{id}/commands/{command}", { id: "k8s/Pod/a/b c", command: "start" })).toBe(
    "/api/resources/k8s%2FPod%2Fa%2Fb%20c/commands/start",
  );
});

test("what is not given is left out of a query, lists repeat", () => {
  expect(
    queryString({ name: ["a", "b"], follow: true, open: false, tail: 0, after: null, q: undefined }),
  ).toBe("?name=a&name=b&follow=1&tail=0");
  expect(queryString({})).toBe("");
});
