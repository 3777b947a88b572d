import { expect, test } from "vitest";
import {
  isFiltered,
  listQuery,
  parseDuration,
  readFilters,
  type TraceFilters,
  whichOf,
  writeDuration,
} from "./traceFilters";

const NONE: TraceFilters = { resources: [], text: "", least: 0, errors: false };

test("durations are read with their units and written short", () => {
  expect(parseDuration("500ms")).toBe(0.5);
  expect(parseDuration("1.5 s")).toBe(1.5);
  expect(parseDuration("2")).toBe(2);
  expect(parseDuration("long")).toBe(0);
  expect(writeDuration(0.5)).toBe("500ms");
  expect(writeDuration(1.2345)).toBe("1.23s");
});

test("an address holds the filters", () => {
  const query = new URLSearchParams("q=db.system = redis&min=500ms&errors=1");
  expect(readFilters(query, ["api"])).toEqual({
    resources: ["api"],
    text: "db.system = redis",
    least: 0.5,
    errors: true,
  });
});

test("the segments are found again, and other filters are none of them", () => {
  expect(whichOf(NONE)).toBe("all");
  expect(whichOf({ ...NONE, errors: true })).toBe("errors");
  expect(whichOf({ ...NONE, least: 0.5 })).toBe("slow");
  expect(whichOf({ ...NONE, least: 2 })).toBeNull();
  expect(whichOf({ ...NONE, least: 2, errors: true })).toBeNull();
});

test("the host is asked only for what is filtered", () => {
  expect(listQuery(NONE)).toEqual({});
  expect(isFiltered(NONE)).toBe(false);
  expect(listQuery({ resources: ["api"], text: "x", least: 0.5, errors: true })).toEqual({
    r: ["api"],
    q: "x",
    min: 0.5,
    errors: "1",
  });
});
