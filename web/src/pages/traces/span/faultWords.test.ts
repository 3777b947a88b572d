import { expect, test } from "vitest";
import { spanView } from "../../../testing/traces";
import { faultWords } from "./faultWords";

const EXCEPTION = { type: "sqlalchemy.exc.TimeoutError", message: "no connection", frames: [] };
const FAILED = spanView({ span_id: "a", status: "error", exception: EXCEPTION });

test("a span that did not fail says nothing", () => {
  expect(faultWords(spanView({ span_id: "a" }))).toBeNull();
});

test("what a span says of itself comes first, then what was raised; nothing is said twice", () => {
  expect(faultWords({ ...FAILED, status_message: "Checkout failed" })).toEqual({
    what: "Checkout failed",
    raw: "sqlalchemy.exc.TimeoutError: no connection",
  });
  expect(faultWords(FAILED)).toEqual({ what: "no connection", raw: "sqlalchemy.exc.TimeoutError" });
  expect(faultWords({ ...FAILED, status_message: "TimeoutError: no connection" })?.raw).toBe(EXCEPTION.type);
  const plain = { ...EXCEPTION, type: "TimeoutError" };
  expect(
    faultWords({ ...FAILED, status_message: "TimeoutError: no connection", exception: plain })?.raw,
  ).toBe("");
});

test("an error without a word is an error all the same", () => {
  expect(faultWords({ ...FAILED, exception: null })?.what).toBe("The span ended with an error");
});
