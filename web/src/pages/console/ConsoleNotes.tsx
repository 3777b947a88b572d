import { Button } from "../../components/Button";
import { counted } from "../../state/format";
import { queryValue, route, setQuery } from "../../state/place/route";
import { lineConsole } from "./console";
import { type Place, readPlace, rowAt } from "./place";

const { store, list } = lineConsole;

/** Says that lines are hidden since the view was cleared. */
function Cleared() {
  const clearedAt = lineConsole.clearedAt.value;
  if (clearedAt === 0) return null;
  const hidden = store.lines.reduce((count, line) => count + (line.time <= clearedAt ? 1 : 0), 0);
  return (
    <div class="note" role="status">
      <span>{counted(hidden, "line")} hidden. They are kept.</span>
      <Button label="Show them again" look="ghost" small onClick={() => lineConsole.restore()} />
    </div>
  );
}

/** Why the line of a link is not shown; empty when it is, or is still to come. */
function whyNotThere(place: Place | null): string {
  if (place?.kind !== "line" || rowAt(place, store, list)) return "";
  const log = store.log(place.resource);
  if (!log.isComplete) return "";
  if (place.number < log.first)
    return "The line of this link was dropped: only the last 10,000 of a resource are kept.";
  return place.number > log.last
    ? "The line of this link is of another run."
    : "The line of this link is hidden here.";
}

/** Says that the line which a link leads to is not there. */
function NotThere() {
  lineConsole.version.value;
  const why = whyNotThere(readPlace(queryValue("at"), route.value.fragment));
  if (why === "") return null;
  return (
    <div class="note" role="status">
      <span>{why}</span>
      {why.endsWith("here.") && (
        <Button
          label="Show all lines"
          look="ghost"
          small
          onClick={() => {
            lineConsole.restore();
            setQuery({ q: "", level: "", only: "", r: "" });
          }}
        />
      )}
    </div>
  );
}

/** What there is to say of the lines that are shown: what is hidden, and why. */
export function ConsoleNotes() {
  return (
    <div class="notes">
      <Cleared />
      <NotThere />
    </div>
  );
}
