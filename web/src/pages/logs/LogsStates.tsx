import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Patience, Skeleton } from "../../components/Skeleton";
import { setQuery } from "../../state/place/route";
import { scope, setScope } from "../../state/place/scope";
import { isLoading, listProblem, reloadList } from "./logFeed";
import { isFiltered, isNothing, type LogFilters } from "./logQuery";

/** What stands in the place of entries when there are none: why, and what to do. */
export function NoEntries({ filters }: { filters: LogFilters }) {
  const problem = listProblem.value;
  if (isLoading.value) {
    return (
      <div class="empty">
        <Patience what="log entries">
          <Skeleton width={180} />
        </Patience>
      </div>
    );
  }
  if (problem) {
    return (
      <EmptyState icon="logs" title={problem.message} text={problem.remedy}>
        <Button label="Try again" onClick={reloadList} />
      </EmptyState>
    );
  }
  if (isNothing(filters)) {
    return (
      <EmptyState icon="logs" title="No resource is ticked" text="Tick those whose entries you want to see.">
        <Button label="Show all" onClick={() => setScope([])} />
      </EmptyState>
    );
  }
  if (isFiltered(filters)) {
    return (
      <EmptyState icon="search" title="No entry matches">
        <Button label="Clear search and filters" onClick={() => setQuery({ q: "", level: "", f: [] })} />
      </EmptyState>
    );
  }
  if (scope.value.length > 0) {
    return (
      <EmptyState
        icon="logs"
        title="No structured logs of these resources yet"
        text="Resources that send OTLP appear here."
      >
        <Button label="Show all resources" onClick={() => setScope([])} />
      </EmptyState>
    );
  }
  return (
    <EmptyState icon="logs" title="No structured logs yet" text="Resources that send OTLP appear here." />
  );
}
