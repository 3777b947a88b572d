import { expect, test } from "vitest";
import { tokenOf } from "./token";

test("only a fragment with t= has a token", () => {
  expect(tokenOf("#t=a-b_c")).toBe("a-b_c");
  expect([tokenOf(""), tokenOf("#env"), tokenOf("#t=")]).toEqual([null, null, null]);
});
