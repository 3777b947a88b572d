import { expect, test } from "vitest";
import { graphOf, largeGraph } from "../../../testing/graphs";
import { layOut } from "./layout";
import { NODE } from "./sizes";
import type { Box, Layout } from "./types";

function picture(text: string): Layout {
  const { nodes, edges } = graphOf(text);
  return layOut(nodes, edges);
}

function layers(text: string): Record<string, number> {
  return Object.fromEntries(picture(text).nodes.map(({ id, layer }) => [id, layer]));
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function isIn(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** The boxes of nodes that a line runs through. */
function hits({ nodes, lines }: Layout): string[] {
  return lines.flatMap(({ from, to, points }) =>
    points.slice(1).flatMap((end, index) => {
      const start = points[index] ?? end;
      const swept: Box = {
        x: start.x,
        y: Math.min(start.y, end.y),
        width: end.x - start.x,
        height: Math.abs(end.y - start.y) + 0.1,
      };
      return nodes
        .filter((node) => node.id !== from && node.id !== to && overlap(swept, node))
        .map((node) => `${from}>${to} through ${node.id}`);
    }),
  );
}

const SHOP = `payment-key > worker, payments > worker, orders in pg, orders > worker, cache > worker, search-api > worker
  orders > migrate, migrate > api, orders > api, cache > api, search-api > api, api > web
  k8s > search, search in k8s, k8s > widget-crd, widget-crd in k8s, search > search-api, search-api in k8s
  widget-crd > rates, rates in k8s, k8s-agent-0 in k8s, seed`;

test("each node stands behind all that it needs, as far left as that allows", () => {
  expect(layers("a > b, b > c, a > c, d > c")).toEqual({ a: 0, b: 1, c: 2, d: 0 });
});

test("a circle ends the layout, with one line that points back", () => {
  const { nodes, lines } = picture("a > b, b > c, c > a");
  expect(nodes.map(({ layer }) => layer)).toEqual([0, 1, 2]);
  const back = lines.filter(({ backward }) => backward);
  expect(back.map(({ from, to }) => `${from}>${to}`)).toEqual(["c>a"]);
  expect(layers("a > a, a > b, b > a")).toEqual({ a: 0, b: 1 });
});

test("a child stands beside or behind its parent, unless the parent needs it", () => {
  expect(layers("key > pg, orders in pg, orders > api")).toEqual({ key: 0, pg: 1, orders: 1, api: 2 });
  expect(layers("token in k8s, token > k8s")).toEqual({ token: 0, k8s: 1 });
});

test("a parent that is not drawn frames nothing", () => {
  const { frames, nodes } = layOut([{ id: "a", parent: "gone" }], []);
  expect([frames, nodes.length]).toEqual([[], 1]);
});

test("lines run through no box, and boxes do not overlap", () => {
  for (const { nodes, edges } of [graphOf(SHOP), largeGraph(60), largeGraph(200)]) {
    const drawn = layOut(nodes, edges);
    expect(hits(drawn)).toEqual([]);
    const overlaps = drawn.nodes.flatMap((a, index) =>
      drawn.nodes.slice(index + 1).flatMap((b) => (overlap(a, b) ? [`${a.id} ${b.id}`] : [])),
    );
    expect(overlaps).toEqual([]);
  }
});

test("a frame holds its parent and all that belongs to it, and nothing else", () => {
  const { nodes, frames } = picture(`${SHOP}, inner in search, deep in inner`);
  const inside = (id: string) =>
    nodes
      .filter((node) => frames.some((frame) => frame.id === id && isIn(node, frame)))
      .map((node) => node.id)
      .sort();
  expect(inside("pg")).toEqual(["orders", "pg"]);
  const cluster = ["deep", "inner", "k8s", "k8s-agent-0", "rates", "search", "search-api", "widget-crd"];
  expect(inside("k8s")).toEqual(cluster);
  expect(inside("search")).toEqual(["deep", "inner", "search"]);
  const k8s = frames.find(({ id }) => id === "k8s");
  const others = nodes.filter(({ id }) => !cluster.includes(id));
  expect(others.filter((node) => k8s && overlap(node, k8s))).toEqual([]);
  const search = frames.find(({ id }) => id === "search");
  expect(k8s && search && isIn(search, k8s)).toBe(true);
});

test("the order of lines avoids crossings", () => {
  const { nodes } = picture("a > z, b > y, c > x, d > w");
  const order = (ids: string) =>
    nodes
      .filter(({ id }) => ids.includes(id))
      .sort((a, b) => a.y - b.y)
      .map(({ id }) => id)
      .join("");
  const partner: Record<string, string> = { a: "z", b: "y", c: "x", d: "w" };
  expect(order("wxyz")).toBe([...order("abcd")].map((id) => partner[id]).join(""));
});

test("ends of lines are spread over the side of a node, in the order of where they come from", () => {
  const { nodes, lines } = picture("a > d, b > d, c > d");
  const ends = lines.map(({ from, points }) => ({
    y: points.at(-1)?.y ?? 0,
    source: nodes.find(({ id }) => id === from)?.y ?? 0,
  }));
  expect(new Set(ends.map(({ y }) => y)).size).toBe(3);
  const byEnd = [...ends].sort((a, b) => a.y - b.y).map(({ source }) => source);
  expect(byEnd).toEqual([...byEnd].sort((a, b) => a - b));
});

test("nodes without any line stand in rows below the others", () => {
  const { nodes } = picture("a > b, c, d, e, f, g");
  const loose = nodes.filter(({ id }) => "cdefg".includes(id));
  const bottom = Math.max(...nodes.filter(({ id }) => "ab".includes(id)).map(({ y }) => y + NODE.height));
  expect(Math.min(...loose.map(({ y }) => y))).toBeGreaterThan(bottom);
  expect(new Set(loose.map(({ y }) => y)).size).toBe(2);
});

test("the same definition gives the same picture", () => {
  const { nodes, edges } = largeGraph(60);
  expect(layOut(nodes, edges)).toEqual(layOut(nodes, edges));
});

test("an empty app gives an empty picture", () => {
  expect(layOut([], [])).toMatchObject({ nodes: [], frames: [], lines: [] });
});
