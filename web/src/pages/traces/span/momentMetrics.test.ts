import { expect, test } from "vitest";
import type { InstrumentView, PlotDocument } from "../../../api/schema";
import { momentValues, standingInstruments } from "./momentMetrics";

function instrument(name: string, kind: InstrumentView["kind"]): InstrumentView {
  return { name, title: name, kind, unit: "", description: "", resources: ["api"], attributes: {} };
}

const POOL = instrument("db.client.connections.usage", "up_down_counter");
const CPU = instrument("process.cpu.utilization", "gauge");

function plot(name: string, lines: Readonly<Record<string, number>>): PlotDocument {
  const series = Object.entries(lines).map(([label, value]) => ({
    label,
    resource: "api",
    quantile: null,
    points: [{ time: 100, value }],
    latest: value,
  }));
  return {
    instrument: name,
    unit: "",
    start: 0,
    end: 200,
    step: 2,
    series,
    exemplars: [],
    summary: null,
    summary_label: "",
  };
}

test("what stands at something is told, that of the program before that of the host", () => {
  const all = [CPU, instrument("requests", "counter"), POOL, instrument("duration", "histogram")];
  expect(standingInstruments(all)).toEqual([POOL, CPU]);
});

test("the value is that of the instance at the moment, if it is known", () => {
  const plots = [plot(POOL.name, { "api-1": 3, "api-2": 15 })];
  expect(momentValues([POOL, CPU], plots, "api-2", 101)).toEqual([
    { instrument: POOL.name, title: POOL.title, value: "15" },
  ]);
  expect(momentValues([POOL], plots, "elsewhere", 101)[0]?.value).toBe("3");
  expect(momentValues([POOL], plots, "api-2", 150)).toEqual([]);
});
