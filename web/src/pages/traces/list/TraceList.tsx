import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef } from "preact/hooks";
import type { TraceView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { EmptyState } from "../../../components/EmptyState";
import { VirtualList, type VirtualListHandle } from "../../../components/lists/VirtualList";
import { Patience, Skeleton } from "../../../components/Skeleton";
import { counted } from "../../../state/format";
import {
  fetchMore,
  isListLoading,
  listProblem,
  lookAtList,
  reloadList,
  showNew,
  traceRows,
} from "../traceFeed";
import { ScatterPlot } from "./ScatterPlot";
import { type Brush, isBrushed } from "./scatterScale";
import { itemId, TraceItem } from "./TraceItem";

/** The height of a row. */
const ROW = 67;

/** The traces of the list that a brush leaves. */
export function brushedTraces(brush: Brush | null): readonly TraceView[] {
  const { shown } = traceRows.value;
  return brush === null ? shown : shown.filter((trace) => isBrushed(brush, trace));
}

function NothingFound({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  const problem = listProblem.value;
  if (problem) {
    return (
      <EmptyState icon="traces" title="The traces could not be fetched" text={problem.message}>
        <Button label="Try again" onClick={reloadList} />
      </EmptyState>
    );
  }
  if (isListLoading.value) {
    return (
      <div class="empty">
        <Patience what="traces">
          <Skeleton width={180} />
        </Patience>
      </div>
    );
  }
  if (!isFiltered) return null;
  return (
    <EmptyState icon="traces" title="No trace matches" text="The filters hide all traces.">
      <Button label="Show all traces" onClick={onClear} />
    </EmptyState>
  );
}

/** The traces: their durations over time, and a row for each. Nothing moves while the pointer is over the rows. */
export function TraceList(props: {
  traces: readonly TraceView[];
  open: string | null;
  hrefOf: (trace: string) => string;
  isFiltered: boolean;
  onOpen: (trace: string) => void;
  onBrush: (brush: Brush) => void;
  onClear: () => void;
}) {
  const { traces, open, onOpen } = props;
  const list = useRef<VirtualListHandle>(null);
  const active = useSignal<string | null>(null);
  const at = useMemo(
    () => traces.findIndex((trace) => trace.trace_id === (active.value ?? open)),
    [traces, active.value, open],
  );
  const held = traceRows.value.held.length;
  const openByPointer = useCallback(
    (trace: string) => {
      active.value = null;
      onOpen(trace);
    },
    [onOpen],
  );

  useEffect(() => {
    active.value = null;
    const index = traces.findIndex((trace) => trace.trace_id === open);
    if (index >= 0) list.current?.scrollTo(index);
  }, [open]);
  useEffect(() => () => lookAtList(false), []);

  function go(index: number): void {
    const target = traces[Math.min(Math.max(index, 0), traces.length - 1)];
    if (!target) return;
    active.value = target.trace_id;
    list.current?.scrollTo(traces.indexOf(target));
  }

  function pressed(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + 10,
      PageUp: at - 10,
      Home: 0,
      End: traces.length - 1,
    };
    const target = traces[at];
    const step = steps[event.key];
    if (step !== undefined) go(step);
    else if (event.key === "Enter" && target) onOpen(target.trace_id);
    else return;
    event.preventDefault();
  }

  const current = traces[at];
  return (
    <section class="tlist" aria-label="Traces">
      <ScatterPlot traces={traces} open={open} onOpen={openByPointer} onBrush={props.onBrush} />
      {traces.length === 0 ? (
        <NothingFound isFiltered={props.isFiltered} onClear={props.onClear} />
      ) : (
        <VirtualList
          items={traces}
          rowHeight={ROW}
          keyOf={(trace) => trace.trace_id}
          handle={list}
          class="titems"
          onNearEnd={() => void fetchMore()}
          attributes={{
            onPointerEnter: () => lookAtList(true),
            onPointerLeave: () => lookAtList(false),
          }}
          rowsAttributes={{
            role: "listbox",
            tabIndex: 0,
            "aria-label": "Traces, newest first",
            "aria-activedescendant": current && itemId(current.trace_id),
            onKeyDown: pressed,
            onFocus: () => {
              if (at < 0) go(0);
            },
            onBlur: () => {
              active.value = null;
            },
          }}
          render={(trace, index) => (
            <TraceItem
              key={trace.trace_id}
              trace={trace}
              href={props.hrefOf(trace.trace_id)}
              isOpen={trace.trace_id === open}
              isActive={trace === current}
              index={index}
              count={traces.length}
              onOpen={openByPointer}
            />
          )}
        />
      )}
      {held > 0 && (
        <Button label={counted(held, "new trace")} icon="up" small class="newer" onClick={showNew} />
      )}
    </section>
  );
}
