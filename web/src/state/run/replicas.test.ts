import { expect, test } from "vitest";
import { replicaOf, snapshotOf } from "../../testing/snapshots";
import { findPart, ownerOf, writerId } from "./replicas";
import { resources } from "./resources";

test("a replica is found by its id, with what is its own and what is its owner's", () => {
  const replicas = [
    replicaOf(0, "api-1"),
    { ...replicaOf(1, "api-2"), health: "Unhealthy" as const, reason: "503" },
  ];
  const commands = [
    {
      name: "stop",
      display: "Stop",
      confirm: null,
      inputs: [],
      enabled: true,
      why_not: "",
      effects: [],
      loses_data: false,
      running_since: null,
    },
  ];
  resources.connect();
  resources.snapshot(snapshotOf({ id: "api", replicas, commands, declared: { file: "a.py", line: 3 } }));
  resources.present();
  resources.flush();
  const part = findPart("api-2");
  expect([part?.health, part?.summary, part?.parent, part?.declared?.line, part?.commands]).toEqual([
    "Unhealthy",
    "503",
    "api",
    3,
    [],
  ]);
  expect([part && ownerOf(part), findPart("api")?.name, findPart("nothing")]).toEqual([
    "api",
    "api",
    undefined,
  ]);
});

test("what has written is a replica where there are several, by its number or its id", () => {
  resources.connect();
  resources.snapshot(snapshotOf({ id: "web", replicas: [replicaOf(0, "web-1"), replicaOf(1, "web-2")] }));
  resources.snapshot(snapshotOf({ id: "worker", replicas: [replicaOf(0, "worker-1")] }));
  resources.present();
  resources.flush();
  expect([writerId("web", "1"), writerId("web", "web-1"), writerId("web", null)]).toEqual([
    "web-2",
    "web-1",
    "web",
  ]);
  expect([writerId("worker", "0"), writerId("gone", "0")]).toEqual(["worker", "gone"]);
});
