import { expect, test } from "vitest";
import { seriesLooks } from "./seriesLook";

test("lines of one chart differ by their dashes too", () => {
  const series = ["a", "b", "c"].map((resource) => ({ resource, quantile: null }));
  const looks = seriesLooks(series, () => 3);
  expect(new Set(looks.map(({ dash }) => dash.join())).size).toBe(3);
  expect(looks[0]).toEqual({ token: "s3", dash: [] });
});

test("quantiles of several resources have no resource's colour, and the highest is the firmest", () => {
  const series = ["p50", "p90", "p99"].map((quantile) => ({ resource: null, quantile }));
  expect(seriesLooks(series, () => 0).at(-1)).toEqual({ token: "sx", dash: [] });
});
