import { expect, test } from "vitest";
import { share } from "./share";

test("a part is in per cent, and unknown where something is", () => {
  expect([share(96, 400), share(500, 400), share(-1, 400)]).toEqual([24, 100, 0]);
  expect([share(null, 400), share(96, null), share(96, 0)]).toEqual([null, null, null]);
});
