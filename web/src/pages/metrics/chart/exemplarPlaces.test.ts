import { expect, test } from "vitest";
import type { ExemplarView } from "../../../api/schema";
import { placeExemplars } from "./exemplarPlaces";

function exemplar(time: number, value: number): ExemplarView {
  return { time, value, resource: "api", trace_id: `t${time}`, span_id: "s" };
}

test("of exemplars that lie over each other the greatest stays, and they are in the order of time", () => {
  const placed = placeExemplars(
    [exemplar(50, 1), exemplar(10, 9), exemplar(12, 10), exemplar(-1, 99)],
    (each) => (each.time < 0 ? undefined : { x: each.time, y: 100 - each.value }),
  );
  expect(placed.map((each) => each.exemplar.time)).toEqual([12, 50]);
});
