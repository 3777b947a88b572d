import { describe, expect, it, vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });

describe("times since the start", () => {
  it("counts minutes, and hours where there are some", async () => {
    const { sinceText } = await import("./times");
    expect([0, 3.114, 723.1, 4323.002, -2].map(sinceText)).toEqual([
      "+0:00.000",
      "+0:03.114",
      "+12:03.100",
      "+1:12:03.002",
      "−0:02.000",
    ]);
  });
});
