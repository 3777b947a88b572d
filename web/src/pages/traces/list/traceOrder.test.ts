import { expect, test } from "vitest";
import { traceView } from "../../../testing/traces";
import { inOrder, NO_ROWS, released, withChanges } from "./traceOrder";

const OLD = traceView({ trace_id: "a", start: 1 });
const NEW = traceView({ trace_id: "b", start: 2 });

function ids(traces: readonly { trace_id: string }[]): string {
  return traces.map((trace) => trace.trace_id).join("");
}

test("the newest is first, each is there once, with its latest version", () => {
  const again = { ...OLD, version: 2, spans: 5 };
  expect(ids(inOrder([OLD], [NEW, again]))).toBe("ba");
  expect(inOrder([again], [OLD])[0]?.spans).toBe(5);
});

test("what comes is shown at once while the list is followed", () => {
  expect(ids(withChanges({ shown: [OLD], held: [] }, [NEW], false).shown)).toBe("ba");
});

test("a list that is held changes its rows in place, and new ones wait until it is released", () => {
  const rows = withChanges({ shown: [OLD], held: [] }, [NEW, { ...OLD, version: 2, spans: 7 }], true);
  expect(ids(rows.shown)).toBe("a");
  expect(rows.shown[0]?.spans).toBe(7);
  expect(ids(rows.held)).toBe("b");
  expect(ids(released(rows).shown)).toBe("ba");
  expect(released(rows).held).toEqual([]);
  expect(released(NO_ROWS)).toBe(NO_ROWS);
});
