import { expect, test } from "vitest";
import type { PlotDocument } from "../../../api/schema";
import { exemplarValue } from "./exemplarValue";

const line = (resource: string, value: number) => ({
  label: resource,
  resource,
  quantile: null,
  points: [{ time: 10, value }],
  latest: value,
});
const PLOT: PlotDocument = {
  instrument: "requests",
  unit: "/s",
  start: 0,
  end: 20,
  step: 2,
  series: [line("web", 4), line("api", 7)],
  exemplars: [],
  summary: null,
  summary_label: "",
};
const EXEMPLAR = { time: 11, value: 0.6, resource: "api", trace_id: "t", span_id: "s" };

test("an exemplar of a histogram is a measurement, that of a counter lies on the line of its resource", () => {
  expect(exemplarValue(EXEMPLAR, "histogram", PLOT)).toBe(0.6);
  expect(exemplarValue(EXEMPLAR, "counter", PLOT)).toBe(7);
  expect(exemplarValue({ ...EXEMPLAR, time: 19 }, "counter", PLOT)).toBeNull();
});
