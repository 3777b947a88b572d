import { describe, expect, it } from "vitest";
import { NO_ENTRIES, released, withArrived, withOlder } from "./entries";
import { entryOf } from "./testing";

const ids = (entries: readonly { id: number }[]) => entries.map((entry) => entry.id);

describe("entries of the list", () => {
  it("puts what comes at the top, once", () => {
    const first = withArrived(NO_ENTRIES, [entryOf(1), entryOf(2)], false);
    const next = withArrived(first, [entryOf(2), entryOf(3)], false);
    expect(ids(next.shown)).toEqual([3, 2, 1]);
  });

  it("holds back what comes until it is asked for", () => {
    const first = withArrived(NO_ENTRIES, [entryOf(1)], false);
    const held = withArrived(withArrived(first, [entryOf(2)], true), [entryOf(2), entryOf(3)], true);
    expect([ids(held.shown), ids(held.held)]).toEqual([[1], [2, 3]]);
    expect(ids(released(held).shown)).toEqual([3, 2, 1]);
  });

  it("orders by time what senders hand over in portions", () => {
    const first = withArrived(NO_ENTRIES, [entryOf(1), entryOf(2, { time: 5 })], false);
    expect(ids(withArrived(first, [entryOf(3, { time: 3 })], false).shown)).toEqual([2, 3, 1]);
  });

  it("puts older ones at the bottom", () => {
    const first = withArrived(NO_ENTRIES, [entryOf(5)], false);
    expect(ids(withOlder(first, [entryOf(3), entryOf(4), entryOf(5)]).shown)).toEqual([5, 4, 3]);
  });
});
