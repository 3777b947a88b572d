import { describe, expect, it } from "vitest";
import { KEPT_LINES, LineStore } from "./lineStore";
import { lineOf, linesOf } from "./testing";

const texts = (store: LineStore) => store.lines.map((line) => line.text);
const numbered = (count: number, from = 1) => Array.from({ length: count }, (_, at) => `${from + at}`);

describe("kept lines", () => {
  it("keeps the order of the stream and leaves out what it knows", () => {
    const store = new LineStore();
    store.add([...linesOf("api", ["a", "b"]), ...linesOf("web", ["x"])]);
    store.add([...linesOf("api", ["a", "b", "c"])]);
    expect(texts(store)).toEqual(["a", "b", "x", "c"]);
    expect(store.takeFresh()).toHaveLength(4);
    expect(store.takeFresh()).toHaveLength(0);
  });

  it("puts earlier lines where they belong, once", () => {
    const store = new LineStore();
    store.add([...linesOf("api", ["3", "4"], 3), lineOf("web", 1, "x", { time: 3.5 })]);
    store.addEarlier("api", linesOf("api", ["1", "2", "3", "4"]));
    store.add(linesOf("api", ["4", "5"], 4));
    expect(texts(store)).toEqual(["1", "2", "3", "4", "x", "5"]);
    expect(store.log("api").isComplete).toBe(true);
  });

  it("takes earlier lines before the stream has told any", () => {
    const store = new LineStore();
    store.addEarlier("api", linesOf("api", ["1", "2"]));
    store.add(linesOf("api", ["2", "3"], 2));
    expect(texts(store)).toEqual(["1", "2", "3"]);
  });

  it("drops the oldest of a resource, and leaves others alone", () => {
    const store = new LineStore();
    store.add(linesOf("web", ["x"]));
    store.add(linesOf("api", numbered(KEPT_LINES + 5000)));
    expect(store.compact()).toBe(true);
    expect(store.lines).toHaveLength(KEPT_LINES + 1);
    expect(texts(store).slice(0, 2)).toEqual(["x", "5001"]);
    expect(store.compact()).toBe(false);
  });

  it("marks gaps", () => {
    const store = new LineStore();
    store.add([...linesOf("api", ["1"]), { kind: "gap", resource: "api", lost: 12, cursor: "c" }]);
    store.add([lineOf("api", 14, "14")]);
    expect(store.lines.map((line) => [line.text, line.lost])).toEqual([
      ["1", 0],
      ["", 12],
      ["14", 0],
    ]);
  });

  it("has open lines until they end, are wiped, or the stream begins anew", () => {
    const store = new LineStore();
    const open = { kind: "open", resource: "api", time: 1, stream: "stdout", source: null } as const;
    store.add([
      { ...open, text: "50 %" },
      { ...open, source: "2", text: "name? " },
    ]);
    expect(store.open.map((line) => line.text)).toEqual(["50 %", "name? "]);
    store.add([lineOf("api", 1, "100 %")]);
    expect(store.open.map((line) => line.text)).toEqual(["name? "]);
    store.add([
      { ...open, source: "2", text: "" },
      { ...open, text: "again" },
    ]);
    expect(store.open.map((line) => line.text)).toEqual(["again"]);
    store.connect();
    expect(store.open).toEqual([]);
  });

  it("forgets a resource", () => {
    const store = new LineStore();
    store.add([...linesOf("api", ["a"]), ...linesOf("web", ["x"])]);
    store.forget("api");
    expect(texts(store)).toEqual(["x"]);
    store.addEarlier("api", linesOf("api", ["a", "b"]));
    expect(texts(store)).toEqual(["a", "x", "b"]);
  });
});
