import { describe, expect, it } from "vitest";
import { spanView, traceView } from "../../../testing/traces";
import { miniBars } from "./miniTrace";

describe("small waterfall", () => {
  it("shows the way down to the span, and the longest of the others", () => {
    const spans = [
      spanView({ span_id: "a", offset: 0, duration: 10 }),
      spanView({ span_id: "b", parent_id: "a", offset: 1, duration: 1 }),
      spanView({ span_id: "c", parent_id: "b", offset: 1, duration: 0.5 }),
      ...Array.from({ length: 20 }, (_, at) =>
        spanView({ span_id: `x${at}`, parent_id: "a", offset: 2, duration: at / 10 }),
      ),
    ];
    const trace = traceView({ trace_id: "t", start: 0, duration: 10 });
    const bars = miniBars({ trace, spans }, "c");
    expect(bars.map((bar) => bar.span.span_id)).toEqual(["a", "b", "c", "x16", "x17", "x18", "x19"]);
    expect(bars.filter((bar) => bar.isOnPath)).toHaveLength(3);
    expect(bars[1]).toMatchObject({ from: 0.1, width: 0.1 });
  });
});
