import { expect, test } from "vitest";
import type { WaitView } from "../../api/schema";
import { clock } from "../../state/format";
import { waitFacts } from "./waitText";

const wait = (fields: Partial<WaitView>): WaitView => ({
  resource: "orders",
  condition: "healthy",
  satisfied: true,
  since: 100,
  why_not: "",
  took: 1.9,
  ...fields,
});
const texts = (waits: WaitView[], state: "Running" | "Waiting" | "NotStarted" = "Running", declared = true) =>
  waitFacts(waits, { name: "api", state }, declared).map(({ text }) => text);

test("a wait that is over tells when, and how long it took", () => {
  expect(texts([wait({})])).toEqual([`orders was healthy at ${clock(100)}, 1.90 s after api asked`]);
  expect(texts([wait({ took: 0.001 })])).toEqual([
    `orders was healthy already when api asked, at ${clock(100)}`,
  ]);
  expect(texts([wait({ condition: "value", since: null })])).toEqual(["orders had a value"]);
});

test("a wait that goes on tells since when, and why", () => {
  const open = { satisfied: false, took: null, why_not: "starting" };
  expect(texts([wait(open)], "Waiting")).toEqual([
    `api waits until orders is healthy since ${clock(100)}: starting`,
  ]);
  expect(texts([wait({ ...open, condition: "value" })], "Waiting")).toEqual([
    `api waits for a value of orders since ${clock(100)}: starting`,
  ]);
  expect(texts([wait(open)], "Running")).toEqual(["api no longer waits for orders"]);
});

test("a wait that has not begun says so; without any there is nothing to say", () => {
  expect(texts([], "NotStarted")).toEqual(["api has not been started, so its wait has not begun"]);
  expect(texts([], "Running")).toEqual(["api was started without waiting"]);
  expect(texts([], "Running", false)).toEqual([]);
});
