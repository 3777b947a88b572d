import { describe, expect, it } from "vitest";
import type { LevelCounts, LogHistogram } from "../../../api/schema";
import { axisTimes, histogramBars, histogramSpan } from "./histogramBars";

const NONE: LevelCounts = { error: 0, warn: 0, info: 0, debug: 0, other: 0, fairlead: 0 };
const HISTOGRAM: LogHistogram = {
  step: 10,
  buckets: [
    { time: 100, counts: { ...NONE, info: 100 } },
    { time: 140, counts: { ...NONE, info: 15, warn: 9, error: 1 } },
  ],
  resources: {},
  totals: NONE,
  lost: 0,
  rate: 0,
};

describe("histogram", () => {
  it("spans from its first bucket to now", () => {
    expect(histogramSpan(HISTOGRAM, 200)).toEqual([100, 200]);
    expect(histogramSpan(HISTOGRAM, 120)).toEqual([90, 150]);
    expect(histogramSpan({ ...HISTOGRAM, buckets: [] }, 200)).toBeNull();
  });

  it("draws each bucket at its time, and a single error so that it is seen", () => {
    expect(histogramBars(HISTOGRAM, [100, 200])).toEqual([
      { time: 100, x: 0, width: 0.1, all: 1, warn: 0, error: 0 },
      { time: 140, x: 0.4, width: 0.1, all: 0.5, warn: 0.18, error: 0.1 },
    ]);
  });

  it("names even times", () => {
    expect(axisTimes([0, 10], 3)).toEqual([0, 5, 10]);
  });
});
