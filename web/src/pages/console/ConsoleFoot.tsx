import { KeyHint } from "../../frame/Footer";
import { counted } from "../../state/format";
import { lineConsole } from "./console";
import { histogram } from "./histogram/counts";
import { KEPT_LINES } from "./lines/lineStore";

/** The footer of the console: how much there is, how fast it comes, what is kept. */
export function ConsoleFoot({ isSearching }: { isSearching: boolean }) {
  const counts = histogram.value;
  const totals = counts && Object.values(counts.totals).reduce((a: number, b) => a + b, 0);
  const writers = counts ? Object.values(counts.resources).filter((count) => count > 0).length : 0;
  return (
    <>
      {totals !== null && (
        <span>
          {counted(totals, "line")} from {counted(writers, "resource")}
        </span>
      )}
      {counts && counts.rate >= 1 && <span>{Math.round(counts.rate).toLocaleString("en")} lines/s</span>}
      {lineConsole.isSampled.value && (
        <span class="t-warn sampled">Too fast to read: a sample is drawn, all are kept</span>
      )}
      {counts && counts.lost > 0 && <span>{counted(counts.lost, "older line")} dropped</span>}
      <span class="grow" />
      <span>{KEPT_LINES.toLocaleString("en")} lines are kept per resource</span>
      <KeyHint keys={["F"]} does="follow" />
      {isSearching && <KeyHint keys={["N"]} does="next match" />}
      <KeyHint keys={["E"]} does="next error" />
    </>
  );
}
