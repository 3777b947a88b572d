import { Shape } from "../../components/marks/Shape";
import { KeyHint } from "../../frame/Footer";
import { counted } from "../../state/format";
import { counts, entries, kept, missed } from "./logFeed";

/** The footer of the structured logs: how many there are, what was dropped, what is kept. */
export function LogsFoot() {
  const all = counts.value;
  const limit = kept.value;
  const errors = (all?.levels.error ?? 0) + (all?.levels.fatal ?? 0);
  const warnings = all?.levels.warn ?? 0;
  return (
    <>
      {all && (
        <span>
          {counted(all.total, "entry", "entries")}, {entries.value.shown.length.toLocaleString("en")} in the
          list
        </span>
      )}
      {errors > 0 && (
        <span class="t-bad">
          <Shape name="bad" />
          {counted(errors, "error")}
        </span>
      )}
      {warnings > 0 && (
        <span class="t-warn">
          <Shape name="warn" />
          {counted(warnings, "warning")}
        </span>
      )}
      {missed.value > 0 && (
        <span>{counted(missed.value, "entry", "entries")} came too fast for this list</span>
      )}
      {limit && limit.dropped > 0 && (
        <span>{counted(limit.dropped, "older entry", "older entries")} dropped</span>
      )}
      <span class="grow" />
      {limit && <span>{limit.limit.toLocaleString("en")} entries are kept</span>}
      <KeyHint keys={["J", "K"]} does="move" />
      <KeyHint keys={["X"]} does="trace" />
    </>
  );
}
