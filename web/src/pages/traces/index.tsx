import { useCallback, useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import { useKeys } from "../../state/keys";
import { isPhone } from "../../state/media";
import { changedQuery, writeAddress } from "../../state/place/address";
import { closePanel, open, queryValue, route, select, setQuery } from "../../state/place/route";
import { scope } from "../../state/place/scope";
import { DropZone } from "./list/DropZone";
import { ImportButton } from "./list/ImportButton";
import { importFiles } from "./list/importTraces";
import { readBrush, writeBrush } from "./list/scatterScale";
import { brushedTraces, TraceList } from "./list/TraceList";
import { TraceToolbar } from "./list/TraceToolbar";
import { isFiltered, readFilters } from "./list/traceFilters";
import { TraceFoot } from "./TraceFoot";
import { isFollowing, isWithoutTraces, openFeed, setFollowing } from "./traceFeed";
import { openDocument, openSpan, openTrace, traceProblem } from "./waterfall/openTrace";
import { TracePane } from "./waterfall/TracePane";
import type { WaterfallHandle } from "./waterfall/Waterfall";
import "./traces.css";

/** The address of a trace; filters stay, the selected span does not. */
function hrefOf(trace: string): string {
  return writeAddress("traces", [trace]) + changedQuery(route.peek().query, { span: null });
}

/** The address of the list alone. */
function listHref(): string {
  return writeAddress("traces") + changedQuery(route.value.query, { span: null });
}

/** The page Traces: list, waterfall and span side by side, so that comparing two traces keeps the place. */
export default function TracesPage() {
  const { query, segments } = route.value;
  const waterfall = useRef<WaterfallHandle>(null);
  const wantsFocus = useRef(false);
  const id = segments[0] ?? null;
  const span = queryValue("span") || null;
  const key = JSON.stringify([query.get("q"), query.get("min"), query.get("errors"), scope.value]);
  const filters = useMemo(() => readFilters(query, scope.value), [key]);
  const brush = useMemo(() => readBrush(query.get("brush") ?? ""), [query.get("brush")]);
  const traces = brushedTraces(brush);
  // While the next trace is fetched, the one before stays.
  const document = id === null || traceProblem.value !== null ? null : openDocument.value;

  useEffect(() => openFeed(filters), [filters]);
  useEffect(() => (id === null ? undefined : openTrace(id)), [id]);
  useEffect(() => (id === null || span === null ? undefined : openSpan(id, span)), [id, span]);

  const openOne = useCallback((trace: string) => {
    const isOpen = (route.peek().segments[0] ?? null) !== null;
    if (isPhone.value) open(hrefOf(trace));
    // The selected span stays in the address until the trace is there: the same operation is selected in it then.
    else select(writeAddress("traces", [trace]) + changedQuery(route.peek().query, {}), isOpen);
    // The arrows move through its spans from now on.
    wantsFocus.current = true;
  }, []);
  useLayoutEffect(() => {
    if (!wantsFocus.current || document?.trace.trace_id !== id) return;
    wantsFocus.current = false;
    waterfall.current?.focus();
  }, [document, id]);

  async function importAll(files: readonly File[]): Promise<void> {
    const first = await importFiles(files);
    if (first !== undefined) openOne(first);
  }

  function move(step: number): void {
    const at = traces.findIndex((trace) => trace.trace_id === id);
    const target = traces[at < 0 ? 0 : at + step];
    if (target) openOne(target.trace_id);
  }

  function close(): void {
    if (span !== null) setQuery({ span: null });
    else if (id !== null) closePanel(listHref());
  }

  useKeys([
    { key: "j", does: "Next trace", run: () => move(1) },
    { key: "k", does: "The trace before", run: () => move(-1) },
    { key: "f", does: "Follow or pause", run: () => setFollowing(!isFollowing.peek()) },
    { key: "Escape", does: "Close the span, then the trace", run: close },
  ]);

  if (id === null && isWithoutTraces(filters)) {
    return (
      <PageFrame title="Traces" heading="Traces">
        <DropZone
          class="notraces"
          hint="Drop a trace to import it"
          onFiles={(files) => void importAll(files)}
        >
          <EmptyState
            icon="traces"
            title="No traces yet"
            text="Resources that send OTLP appear here. Fairlead gives each the address in OTEL_EXPORTER_OTLP_ENDPOINT."
          >
            <ImportButton look="plain" onFiles={(files) => void importAll(files)} />
          </EmptyState>
        </DropZone>
      </PageFrame>
    );
  }

  return (
    <PageFrame
      title={document ? document.trace.name : "Traces"}
      heading="Traces"
      foot={<TraceFoot trace={document?.trace ?? null} />}
    >
      <DropZone
        class={id === null ? "traces" : "traces one"}
        hint="Drop a trace to import it"
        onFiles={(files) => void importAll(files)}
      >
        <TraceToolbar filters={filters} brush={brush} onFiles={(files) => void importAll(files)} />
        <div class="tr3">
          <TraceList
            traces={traces}
            open={id}
            hrefOf={hrefOf}
            isFiltered={isFiltered(filters) || brush !== null}
            onOpen={openOne}
            onBrush={(chosen) => setQuery({ brush: writeBrush(chosen) })}
            onClear={() => setQuery({ q: null, min: null, errors: null, r: null, brush: null })}
          />
          <TracePane
            id={id}
            document={document}
            span={span}
            listHref={listHref()}
            waterfall={waterfall}
            onClose={close}
          />
        </div>
      </DropZone>
    </PageFrame>
  );
}
