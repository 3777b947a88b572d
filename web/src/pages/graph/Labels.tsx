import { Shape } from "../../components/marks/Shape";
import { resources } from "../../state/run/resources";
import type { Drawn } from "./GraphLines";
import { nameOf } from "./graphState";
import { openWait, waitWords } from "./lines";

/** The room in pixels that the whole words of a label need. */
const WHOLE = 150;

/** What the open lines wait for, in their middle; between two columns there is room for one word. */
export function Labels({ lines }: { lines: readonly Drawn[] }) {
  return (
    <>
      {lines
        .filter(({ state }) => state === "open")
        .map(({ line, label }) => {
          const wait = openWait(nameOf(line.from), resources.row(line.to)?.value);
          if (!wait) return null;
          const words = waitWords(wait.condition);
          const isWhole = label.room > WHOLE;
          return (
            <span
              key={`${line.from}>${line.to}`}
              class={`glabel t-wait ${isWhole ? "" : "short"}`}
              style={{ left: `${label.x}px`, top: `${label.y}px` }}
              title={words}
              aria-hidden="true"
            >
              <Shape name="wait" />
              {isWhole ? words : wait.condition}
            </span>
          );
        })}
    </>
  );
}
