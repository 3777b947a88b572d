import { expect, test } from "vitest";
import { firstView, fitted, panned, showing, zoomed } from "./viewport";

const WINDOW = { width: 1000, height: 600 };

test("the whole picture is fitted, and never enlarged", () => {
  expect(fitted({ width: 2000, height: 600 }, WINDOW)).toEqual({ scale: 0.5, x: 0, y: 150 });
  expect(fitted({ width: 500, height: 300 }, WINDOW)).toEqual({ scale: 1, x: 250, y: 150 });
});

test("a large picture opens readable, from its corner", () => {
  expect(firstView({ width: 4000, height: 4000 }, WINDOW)).toEqual({ scale: 0.6, x: 0, y: 0 });
  expect(firstView({ width: 900, height: 500 }, WINDOW)).toEqual({ scale: 1, x: 50, y: 50 });
});

test("zooming keeps what is under the pointer where it is", () => {
  const at = { x: 300, y: 200 };
  const view = zoomed({ scale: 1, x: 20, y: 10 }, 1.5, at);
  const point = { x: (at.x - 20) / 1, y: (at.y - 10) / 1 };
  expect(point.x * view.scale + view.x).toBeCloseTo(at.x);
  expect(point.y * view.scale + view.y).toBeCloseTo(at.y);
  expect(zoomed({ scale: 1, x: 0, y: 0 }, 100, at).scale).toBe(2);
});

test("a part of the picture stays in view", () => {
  const picture = { width: 800, height: 400 };
  const far = panned({ scale: 1, x: 0, y: 0 }, { x: 5000, y: -5000 }, picture, WINDOW);
  expect([far.x, far.y]).toEqual([936, -336]);
});

test("a box is brought into view by the shortest way", () => {
  const view = { scale: 1, x: 0, y: 0 };
  const box = { width: 160, height: 54 };
  expect(showing(view, { ...box, x: 400, y: 300 }, WINDOW)).toEqual(view);
  expect(showing(view, { ...box, x: 1200, y: 300 }, WINDOW)).toEqual({ ...view, x: -424 });
  expect(showing({ ...view, y: -400 }, { ...box, x: 400, y: 300 }, WINDOW).y).toBe(-236);
});
