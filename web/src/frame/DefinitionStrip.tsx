import { Button } from "../components/Button";
import { Shape } from "../components/marks/Shape";
import {
  asking,
  changedFiles,
  differenceLine,
  differences,
  reloadRun,
  showDifferences,
} from "../state/run/definition";

/** Says that files of the definition have changed, what differs, and offers to go by them. */
export function DefinitionStrip() {
  const files = changedFiles.value;
  const found = differences.value;
  if (files.length === 0) return null;
  return (
    <div class="strip t-busy" role="status">
      <Shape name="busy" />
      <span>
        <b>
          {files.join(", ")} {files.length === 1 ? "has" : "have"} changed.
        </b>{" "}
        {found === null
          ? "The run goes by the definition before."
          : found.map(differenceLine).join("; ") || "Nothing differs."}
      </span>
      <span class="grow" />
      {found === null && (
        <Button label="What differs" small busy={asking.value} onClick={() => void showDifferences()} />
      )}
      <Button label="Reload" small busy={asking.value} onClick={() => void reloadRun()} />
    </div>
  );
}
