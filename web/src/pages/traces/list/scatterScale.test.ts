import { expect, test } from "vitest";
import { traceView } from "../../../testing/traces";
import { brushBetween, isBrushed, layOutScatter, nearestPoint, readBrush, writeBrush } from "./scatterScale";

const BOX = { left: 40, right: 320, top: 6, bottom: 58 };
const FAST = traceView({ trace_id: "a", start: 10, duration: 0.001 });
const SLOW = traceView({ trace_id: "b", start: 20, duration: 1, errors: 1 });
const SCATTER = layOutScatter([FAST, SLOW], BOX);

test("time goes from edge to edge, durations by their powers of ten", () => {
  expect(SCATTER.points.map(({ x, y }) => [x, y])).toEqual([
    [40, 58],
    [320, 6],
  ]);
  expect(SCATTER.lines.map(({ seconds }) => Number(seconds.toPrecision(2)))).toEqual([1, 0.032, 0.001]);
});

test("one trace, and none, have a scale too", () => {
  const one = layOutScatter([traceView({ trace_id: "a", duration: 0 })], BOX);
  expect(one.points[0]).toMatchObject({ x: 40, y: 32 });
  expect(layOutScatter([], BOX).lines).toHaveLength(3);
});

test("a place is the trace nearest to it, or none", () => {
  expect(nearestPoint(SCATTER.points, 316, 10)?.trace).toBe(SLOW);
  expect(nearestPoint(SCATTER.points, 200, 30)).toBeUndefined();
});

test("two corners choose the traces between them, and the address keeps them", () => {
  const brush = brushBetween(SCATTER, { x: 330, y: 0 }, { x: 300, y: 20 });
  expect(isBrushed(brush, SLOW)).toBe(true);
  expect(isBrushed(brush, FAST)).toBe(false);
  const again = readBrush(writeBrush(brush));
  expect(again && isBrushed(again, SLOW)).toBe(true);
  expect(readBrush("1_2_x_4")).toBeNull();
  expect(readBrush("")).toBeNull();
});
