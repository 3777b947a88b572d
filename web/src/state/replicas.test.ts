import { beforeAll, describe, expect, it } from "vitest";
import { snapshotOf } from "../testing/snapshots";
import { writerId } from "./replicas";
import { resources } from "./resources";

describe("writers", () => {
  const replica = (number: number) => ({
    number,
    id: `web-${number + 1}`,
    state: "Running" as const,
    exit_code: null,
    properties: {},
    health: null,
    reports: [],
    reason: "",
    urls: [],
    started_at: null,
    stopped_at: null,
  });

  beforeAll(() => {
    resources.snapshot(snapshotOf({ id: "web", replicas: [replica(0), replica(1)] }));
    resources.snapshot(snapshotOf({ id: "api", replicas: [replica(0)] }));
    resources.flush();
  });

  it("are the replicas where there are several", () => {
    expect(writerId("web", "1")).toBe("web-2");
    expect(writerId("web", "web-1")).toBe("web-1");
    expect(writerId("web", null)).toBe("web");
    expect(writerId("api", "0")).toBe("api");
    expect(writerId("gone", "0")).toBe("gone");
  });
});
