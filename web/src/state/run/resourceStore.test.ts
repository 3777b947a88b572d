import { effect } from "@preact/signals";
import { expect, test } from "vitest";
import { snapshotOf } from "../../testing/snapshots";
import { ResourceStore } from "./resourceStore";

function storeWith(...snapshots: ReturnType<typeof snapshotOf>[]): ResourceStore {
  const store = new ResourceStore();
  store.connect();
  for (const each of snapshots) store.snapshot(each);
  store.present();
  store.flush();
  return store;
}

test("the order is that of the definition, what comes later stands behind", () => {
  const store = new ResourceStore();
  store.connect();
  for (const id of ["web", "pg", "api"]) store.snapshot(snapshotOf({ id }));
  store.present(["api", "pg", "web"]);
  store.flush();
  store.snapshot(snapshotOf({ id: "pod" }));
  store.flush();
  expect(store.order.value).toEqual(["api", "pg", "web", "pod"]);
});

test("nothing is seen before the flush", () => {
  const store = new ResourceStore();
  store.connect();
  store.snapshot(snapshotOf({ id: "api" }));
  expect([store.order.value, store.loaded.value]).toEqual([[], false]);
  store.present();
  store.flush();
  expect([store.order.value, store.loaded.value]).toEqual([["api"], true]);
});

test("a change is told to those who read that resource, and to no others", () => {
  const store = storeWith(snapshotOf({ id: "api", version: 1 }), snapshotOf({ id: "web", version: 2 }));
  const drawn: string[] = [];
  const row = store.row("web");
  effect(() => {
    drawn.push(`${row?.value.state}`);
  });
  store.snapshot(snapshotOf({ id: "api", state: "Exited", version: 3 }));
  store.flush();
  store.snapshot(snapshotOf({ id: "web", state: "Stopping", version: 4 }));
  store.flush();
  expect(drawn).toEqual(["Running", "Stopping"]);
});

test("an older snapshot does not replace a newer one", () => {
  const store = storeWith(snapshotOf({ id: "api", version: 5 }));
  store.snapshot(snapshotOf({ id: "api", state: "Starting", version: 4 }));
  store.flush();
  expect(store.get("api")?.state).toBe("Running");
});

test("what a new connection does not tell of is gone, and only then", () => {
  const store = storeWith(snapshotOf({ id: "api" }), snapshotOf({ id: "pod" }));
  store.connect();
  store.snapshot(snapshotOf({ id: "api" }));
  store.flush();
  expect(store.order.value).toEqual(["api", "pod"]);
  store.present();
  store.flush();
  expect(store.order.value).toEqual(["api"]);
});

test("a removal takes a resource away, and it may come back", () => {
  const store = storeWith(snapshotOf({ id: "api" }), snapshotOf({ id: "pod", version: 7 }));
  store.removal("pod");
  store.flush();
  expect([store.order.value, store.get("pod")]).toEqual([["api"], undefined]);
  store.snapshot(snapshotOf({ id: "pod", version: 9 }));
  store.flush();
  expect(store.get("pod")?.version).toBe(9);
});
