import { expect, test } from "vitest";
import { changedQuery, readAddress, writeAddress } from "./address";

test("the start page shows the resources", () => {
  expect(readAddress("/").page).toBe("resources");
});

test("an id with slashes is one segment, there and back", () => {
  const path = writeAddress("resources", ["k8s/Pod/shop/rates 1"], { state: "waiting" }, "env");
  expect(path).toBe("/resources/k8s%2FPod%2Fshop%2Frates%201?state=waiting#env");
  const address = readAddress(path);
  expect([address.page, address.segments, address.fragment]).toEqual([
    "resources",
    ["k8s/Pod/shop/rates 1"],
    "env",
  ]);
});

test("a cluster's page has the address of clusters", () => {
  expect(writeAddress("cluster", ["k8s"])).toBe("/clusters/k8s");
  expect(readAddress("/clusters/k8s").page).toBe("cluster");
});

test("an address that leads nowhere has no page", () => {
  expect(readAddress("/nothing/here").page).toBeNull();
  expect(readAddress("/resources/%E0%A4%A").segments).toEqual(["%E0%A4%A"]);
});

test("a query is changed in part, and empty values leave it", () => {
  const query = new URLSearchParams("q=x&r=api,web&f=a&f=b");
  expect(changedQuery(query, { q: "", f: ["order.total>100", "c"] })).toBe(
    "?r=api,web&f=order.total>100&f=c",
  );
  expect(changedQuery(query, { q: null, r: null, f: null })).toBe("");
});
