import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { isNothingInView, scope, setScope } from "../../state/place/scope";
import { resources } from "../../state/run/resources";
import { lineConsole } from "./console";
import { resourcesInView } from "./inView";

/** What stands in the place of lines when there are none: why, and what to do.
 * @param props.hidden How many rows there are that are not shown.
 * @param props.onShowAll Clears the search and the levels. */
export function NoLines(props: { hidden: number; typed: string; isBusy: boolean; onShowAll: () => void }) {
  if (isNothingInView()) {
    return (
      <EmptyState icon="console" title="No resource is ticked" text="Tick those whose lines you want to see.">
        <Button label="Show all" onClick={() => setScope([])} />
      </EmptyState>
    );
  }
  if (resources.loaded.value && scope.value.length > 0 && resourcesInView().ids.length === 0) {
    return (
      <EmptyState
        icon="console"
        title={`There is no resource ${scope.value.join(", ")}`}
        text="It may be of an earlier run, or of another version of the app file."
      >
        <Button label="Show all resources" onClick={() => setScope([])} />
      </EmptyState>
    );
  }
  if (lineConsole.refusal.value !== "") {
    return (
      <EmptyState icon="console" title="These lines can't be shown" text={lineConsole.refusal.value}>
        <Button label="Show all resources" onClick={() => setScope([])} />
      </EmptyState>
    );
  }
  if (props.hidden > 0) {
    const title = props.typed ? `No line matches ${props.typed}` : "No line has one of these levels";
    return (
      <EmptyState icon="search" title={props.isBusy ? "Searching" : title}>
        <Button label="Show all lines" onClick={props.onShowAll} />
      </EmptyState>
    );
  }
  return <EmptyState icon="console" title="No lines yet" text="What the resources write appears here." />;
}
