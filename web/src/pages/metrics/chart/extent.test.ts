import { expect, test } from "vitest";
import { extent } from "./extent";

test("the extent leaves gaps out", () => {
  const points = [
    { time: 1, value: 4 },
    { time: 2, value: null },
    { time: 3, value: -2 },
  ];
  const series = [{ label: "a", resource: null, quantile: null, points, latest: -2 }];
  expect(extent({ series })).toEqual({ least: -2, most: 4 });
});
