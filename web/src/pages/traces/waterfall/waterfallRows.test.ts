import { expect, test } from "vitest";
import { spanView } from "../../../testing/traces";
import { ancestorsOf, waterfallMove, waterfallRows } from "./waterfallRows";

// a ─ b ─ c
//   └ d
// e
const SPANS = [
  spanView({ span_id: "a", depth: 0 }),
  spanView({ span_id: "b", depth: 1 }),
  spanView({ span_id: "c", depth: 2 }),
  spanView({ span_id: "d", depth: 1 }),
  spanView({ span_id: "e", depth: 0 }),
];
const ALL = waterfallRows(SPANS, new Set());

function ids(collapsed: readonly string[]): string {
  return waterfallRows(SPANS, new Set(collapsed))
    .map(({ span }) => span.span_id)
    .join("");
}

test("a collapsed span hides all below it and says how many they are", () => {
  expect(ids([])).toBe("abcde");
  expect(ids(["b"])).toBe("abde");
  expect(ids(["a", "b"])).toBe("ae");
  expect(waterfallRows(SPANS, new Set(["a"]))[0]).toMatchObject({ below: 3, collapsed: true });
  expect(waterfallRows(SPANS, new Set(["c"]))[2]).toMatchObject({ below: 0, collapsed: false });
});

test("the spans above one are found, the nearest first", () => {
  expect(ancestorsOf(SPANS, "c").map((span) => span.span_id)).toEqual(["b", "a"]);
  expect(ancestorsOf(SPANS, "d").map((span) => span.span_id)).toEqual(["a"]);
  expect(ancestorsOf(SPANS, "e")).toEqual([]);
  expect(ancestorsOf(SPANS, "x")).toEqual([]);
});

test("up and down move, and stop at the ends; without a selection the first row is next", () => {
  expect(waterfallMove(ALL, null, "ArrowDown", 10)).toEqual({ do: "select", id: "a" });
  expect(waterfallMove(ALL, "b", "ArrowUp", 10)).toEqual({ do: "select", id: "a" });
  expect(waterfallMove(ALL, "e", "ArrowDown", 10)).toEqual({ do: "select", id: "e" });
  expect(waterfallMove(ALL, "a", "PageDown", 3)).toEqual({ do: "select", id: "d" });
  expect(waterfallMove(ALL, "c", "End", 3)).toEqual({ do: "select", id: "e" });
  expect(waterfallMove([], null, "ArrowDown", 3)).toBeUndefined();
});

test("left collapses, then goes to the parent; right expands, then goes to the first child", () => {
  expect(waterfallMove(ALL, "a", "ArrowLeft", 10)).toEqual({ do: "collapse", id: "a" });
  expect(waterfallMove(ALL, "c", "ArrowLeft", 10)).toEqual({ do: "select", id: "b" });
  expect(waterfallMove(ALL, "d", "ArrowLeft", 10)).toEqual({ do: "select", id: "a" });
  expect(waterfallMove(ALL, "c", "ArrowRight", 10)).toBeUndefined();
  const collapsed = waterfallRows(SPANS, new Set(["a"]));
  expect(waterfallMove(collapsed, "a", "ArrowRight", 10)).toEqual({ do: "expand", id: "a" });
  expect(waterfallMove(ALL, "a", "ArrowRight", 10)).toEqual({ do: "select", id: "b" });
});
