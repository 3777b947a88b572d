import { useEffect, useMemo } from "preact/hooks";
import type { Snapshot } from "../../api/schema";
import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Patience, Skeleton } from "../../components/Skeleton";
import { ScopeTree } from "../../components/scope/ScopeTree";
import { PageFrame } from "../../frame/PageFrame";
import { useKeys } from "../../state/keys";
import { queryValue, route, setQuery } from "../../state/place/route";
import { scope } from "../../state/place/scope";
import { app } from "../../state/run/app";
import { ChartGrid } from "./chart/ChartGrid";
import { chosenInstruments } from "./instrumentChoice";
import { MetricsFoot } from "./MetricsFoot";
import { MetricsTable } from "./MetricsTable";
import { MetricsToolbar } from "./MetricsToolbar";
import { instruments, isFollowing, metricsProblem, openMetrics, setFollowing } from "./metricsFeed";
import { readWindow, windowSeconds } from "./timeWindow";
import "./metrics.css";

function clearFilters(): void {
  setQuery({ q: null, f: null, r: null });
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const problem = metricsProblem.value;
  if (instruments.value === null && problem === null) {
    return (
      <div class="empty">
        <Patience what="metrics">
          <Skeleton width={180} />
        </Patience>
      </div>
    );
  }
  if (instruments.value === null && problem) {
    return <EmptyState icon="metrics" title="The metrics could not be fetched" text={problem.message} />;
  }
  if (isFiltered || (instruments.value?.without_data ?? 0) > 0) {
    return (
      <EmptyState
        icon="metrics"
        title="No instrument matches"
        text="The filters hide all instruments with data."
      >
        <Button label="Show all instruments" onClick={clearFilters} />
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="metrics"
      title="No metrics yet"
      text="CPU and memory of processes and containers appear here once they run, and the metrics of resources that send OTLP."
    />
  );
}

/** Whether a resource can have metrics: a parameter never runs. */
function canMeasure({ type }: Snapshot): boolean {
  return type !== "Parameter";
}

/** The page Metrics: small multiples that share one axis of time, one crosshair, and the events of the run. */
export default function MetricsPage() {
  const { query } = route.value;
  const text = queryValue("q");
  const filters = query.getAll("f");
  const started = app.value?.started ?? Date.now() / 1000;
  const at = Number(queryValue("at"));
  const name = readWindow(queryValue("window"), at > 0 ? Date.now() / 1000 - at : null);
  const view = queryValue("view") === "table" ? "table" : "charts";
  const key = JSON.stringify([filters, scope.value, name, started]);
  const asked = useMemo(
    () => ({
      resources: scope.value,
      filters,
      window: windowSeconds(name, Date.now() / 1000 - started),
    }),
    [key],
  );
  useEffect(() => openMetrics(asked), [asked]);
  useKeys([{ key: "f", does: "Follow or pause", run: () => setFollowing(!isFollowing.peek()) }]);

  const all = instruments.value?.instruments ?? [];
  const shown = chosenInstruments(all, text, filters);
  return (
    <PageFrame
      title="Metrics"
      heading="Metrics"
      foot={<MetricsFoot shown={shown.length} inScope={scope.value.length} />}
    >
      <div class="scoped">
        <ScopeTree only={canMeasure} />
        <div class="metrics">
          <MetricsToolbar instruments={all} text={text} filters={filters} view={view} window={name} />
          {shown.length === 0 ? (
            <Nothing isFiltered={text !== "" || filters.length > 0 || scope.value.length > 0} />
          ) : view === "table" ? (
            <div class="mscroll">
              <MetricsTable instruments={shown} />
            </div>
          ) : (
            <ChartGrid instruments={shown} />
          )}
        </div>
      </div>
    </PageFrame>
  );
}
