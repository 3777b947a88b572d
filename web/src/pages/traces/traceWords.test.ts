import { expect, test } from "vitest";
import type { Comparison } from "../../api/schema";
import { share, traceView } from "../../testing/traces";
import { comparisonText, mostTime, scatterText, shareText, shortId } from "./traceWords";

const COMPARISON: Comparison = {
  count: 44,
  shortest: 0.02,
  longest: 1.3,
  buckets: [2, 9, 1],
  bucket: 2,
  faster: 0.96,
};

test("a span is slower or faster than others", () => {
  expect(comparisonText(COMPARISON)).toBe("this one, slower than 96 %");
  expect(comparisonText({ ...COMPARISON, faster: 0.1, bucket: 0 })).toBe("this one, faster than 90 %");
  expect(comparisonText({ ...COMPARISON, faster: 0.5, bucket: 1 })).toBe("this one, as most");
});

test("the drawing is told in words", () => {
  const traces = [
    traceView({ trace_id: "a", duration: 1.31, errors: 1 }),
    traceView({ trace_id: "b", duration: 0.01 }),
  ];
  expect(scatterText(traces)).toBe("Durations of 2 traces; 1 has errors; the longest took 1.31 s");
  expect(scatterText([])).toBe("Durations of 0 traces; none has errors; the longest took 0.0 ms");
});

test("the time of a resource names its longest operation", () => {
  const fields = { spans: 4, longest_operation: "pool.acquire", longest_self_time: 1.09 };
  expect(shareText(share("api", 1.168, fields))).toBe("1.17 s · pool.acquire 1.09 s");
  expect(shareText(share("web", 0.003, { longest_operation: "proxy" }))).toBe("3.0 ms · proxy");
});

test("what took most of the time is told when it is much", () => {
  const shares = [
    share("api", 1, { longest_operation: "pool.acquire", longest_self_time: 0.85 }),
    share("web", 0.1),
  ];
  const trace = traceView({ trace_id: "a", duration: 1, spans: 5, shares });
  expect(mostTime(trace)).toEqual({ percent: "85 %", operation: "pool.acquire", resource: "api" });
  expect(mostTime({ ...trace, duration: 10 })).toBeNull();
  expect(mostTime({ ...trace, spans: 1 })).toBeNull();
});

test("an id is shortened in its middle", () => {
  expect(shortId("4bf92f3577b34da6a3ce929d0e0e36c1")).toBe("4bf92f…36c1");
});
