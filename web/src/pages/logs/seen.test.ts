import { describe, expect, it } from "vitest";
import { seenAttributes } from "./seen";
import { entryOf } from "./testing";

describe("attributes seen", () => {
  it("offers names and their values, frequent ones first", () => {
    const route = (value: string) => ({ name: "http.route", value });
    const seen = seenAttributes([
      entryOf(1, { attributes: [route("/a")], sender: [{ name: "service.name", value: "api" }] }),
      entryOf(2, { attributes: [route("/b"), { name: "body", value: "x".repeat(200) }] }),
      entryOf(3, { attributes: [route("/b")] }),
    ]);
    expect([...seen]).toEqual([
      ["body", []],
      ["http.route", ["/b", "/a"]],
      ["service.name", ["api"]],
    ]);
  });
});
