import { expect, test } from "vitest";
import { placeMarks } from "./markLabels";

const mark = (time: number, text: string) => ({ time, resource: "api", text });
const measure = (text: string) => text.length * 5;

test("a label stands at the left of its line, at the right where there is no room", () => {
  expect(placeMarks([mark(80, "api unhealthy")], 0, 100, 400, measure)).toEqual([
    { x: 320, label: "api unhealthy", left: true },
  ]);
  expect(placeMarks([mark(2, "restarted")], 0, 100, 400, measure)[0]).toMatchObject({ left: false });
});

test("labels do not lie over each other, and lines out of the window are left out", () => {
  const placed = placeMarks(
    [mark(-5, "before"), mark(78, "api unhealthy"), mark(80, "api restarted")],
    0,
    100,
    400,
    measure,
  );
  expect(placed.map(({ label }) => label)).toEqual(["", "api restarted"]);
});
