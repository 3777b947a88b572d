import { expect, test } from "vitest";
import { graphOf } from "../../testing/graphs";
import { layOut } from "./layout/layout";
import { moveTo, nextLine, readingOrder } from "./moves";

const { nodes: given, edges } = graphOf("a > c, b > c, c > d, c > e");
const { nodes } = layOut(given, edges);
const move = (at: string, key: string) => moveTo(nodes, edges, at, key);

test("left and right lead along lines", () => {
  expect(move("a", "ArrowRight")).toBe("c");
  expect(["d", "e"]).toContain(move("c", "ArrowRight"));
  expect(["a", "b"]).toContain(move("c", "ArrowLeft"));
  expect(move("d", "ArrowRight")).toBeUndefined();
});

test("up and down stay in the column, Home and End lead to the ends", () => {
  const [first, second] = readingOrder(nodes).map(({ id }) => id);
  expect(move(first ?? "", "ArrowDown")).toBe(second);
  expect(move(second ?? "", "ArrowUp")).toBe(first);
  expect(move(first ?? "", "ArrowUp")).toBeUndefined();
  expect(move("c", "Home")).toBe(first);
  expect(move("c", "End")).toBe(readingOrder(nodes).at(-1)?.id);
});

test("a node that is gone leads to the first", () => {
  expect(move("gone", "ArrowRight")).toBe(nodes[0]?.id);
});

test("the lines of a node come one after the other, and begin anew", () => {
  const first = nextLine(nodes, edges, "c", "right", null);
  const second = nextLine(nodes, edges, "c", "right", first?.to ?? null);
  expect(new Set([first?.to, second?.to])).toEqual(new Set(["d", "e"]));
  expect(nextLine(nodes, edges, "c", "right", second?.to ?? null)).toEqual(first);
  expect(nextLine(nodes, edges, "a", "left", null)).toBeUndefined();
});
