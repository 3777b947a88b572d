import { describe, expect, it } from "vitest";
import { textOf } from "./download";
import { LineStore } from "./lines/lineStore";
import { RowList } from "./lines/rowList";
import { lineOf } from "./lines/testing";

describe("download", () => {
  it("writes what is shown, without colours", () => {
    const store = new LineStore();
    const list = new RowList({ listsLine: () => true, showsRow: () => true, height: () => 20 });
    const esc = String.fromCharCode(27);
    store.add([
      lineOf("api", 1, `${esc}[31mno${esc}[0m`, { level: "error" }),
      lineOf("api", 2, `${esc}[31mno${esc}[0m`, { level: "error" }),
      { kind: "gap", resource: "api", lost: 3, cursor: "c" },
      lineOf("api", 6, "Stopped", { stream: "system" }),
    ]);
    for (const line of store.takeFresh()) list.push(line);
    expect(textOf(list.rows, (line) => line.log.id)).toBe(
      "1970-01-01T00:00:01.000Z api error no (×2)\n" +
        "1970-01-01T00:00:02.000Z api - 3 lines were lost\n" +
        "1970-01-01T00:00:06.000Z api fairlead Stopped\n",
    );
  });
});
