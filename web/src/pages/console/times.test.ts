import { describe, expect, it } from "vitest";
import { sinceText } from "./times";

describe("times since the start", () => {
  it("counts minutes, and hours where there are some", () => {
    expect([0, 3.114, 723.1, 4323.002, -2].map(sinceText)).toEqual([
      "+0:00.000",
      "+0:03.114",
      "+12:03.100",
      "+1:12:03.002",
      "−0:02.000",
    ]);
  });
});
