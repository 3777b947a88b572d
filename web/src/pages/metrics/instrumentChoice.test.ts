import { expect, test } from "vitest";
import type { InstrumentView } from "../../api/schema";
import { attributeChoices, chosenInstruments, withChoice } from "./instrumentChoice";

function instrument(name: string, attributes: InstrumentView["attributes"] = {}): InstrumentView {
  return { name, title: name, kind: "gauge", unit: "", description: "", resources: [], attributes };
}

const REQUESTS = instrument("http.requests", { route: ["/a", "/b"], status: ["200", "500"], host: ["x"] });
const DURATION = instrument("http.duration", { route: ["/a", "/c"] });
const CPU = instrument("cpu");
const ALL = [REQUESTS, DURATION, CPU];

test("attributes with several values can be chosen by, the most common first", () => {
  expect(attributeChoices(ALL, [])).toEqual([
    { name: "route", values: ["/a", "/b", "/c"], chosen: "" },
    { name: "status", values: ["200", "500"], chosen: "" },
  ]);
});

test("what is chosen comes first, and stays even where nothing has it any more", () => {
  const choices = attributeChoices([CPU], ["region=north"]);
  expect(choices).toEqual([{ name: "region", values: ["north"], chosen: "north" }]);
  expect(attributeChoices(ALL, ["status=500"])[0]).toMatchObject({ name: "status", chosen: "500" });
});

test("choosing a value replaces the one before, choosing any takes it away", () => {
  expect(withChoice(["route=/a", "status=200"], "route", "/b")).toEqual(["status=200", "route=/b"]);
  expect(withChoice(["route=/a"], "route", "")).toEqual([]);
});

test("instruments are found by name, and by having what is filtered by", () => {
  const names = (text: string, filters: readonly string[]) =>
    chosenInstruments(ALL, text, filters).map(({ name }) => name);
  expect(names("HTTP", [])).toEqual(["http.requests", "http.duration"]);
  expect(names("", ["route=/a"])).toEqual(["http.requests", "http.duration"]);
  expect(names("", ["route=/a", "status=200"])).toEqual(["http.requests"]);
});
