import type { Ref } from "preact";
import { useImperativeHandle, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { LogView, TraceDocument } from "../../../api/schema";
import { VirtualList, type VirtualListHandle } from "../../../components/lists/VirtualList";
import { isPhone, media } from "../../../state/media";
import { OpenEnd } from "./OpenEnd";
import { collapsed, setCollapsed, traceLogs } from "./openTrace";
import { Ruler } from "./Ruler";
import { SelfTimes } from "./SelfTimes";
import { SpanLine, spanRowId } from "./SpanLine";
import { ancestorsOf, waterfallMove, waterfallRows } from "./waterfallRows";

/** What can be done with the waterfall from outside. */
export interface WaterfallHandle {
  focus(): void;
}

/** The log entries of each span. */
function bySpan(logs: readonly LogView[]): ReadonlyMap<string, readonly LogView[]> {
  const groups = new Map<string, LogView[]>();
  for (const log of logs) {
    if (log.span_id === null) continue;
    const group = groups.get(log.span_id);
    if (group) group.push(log);
    else groups.set(log.span_id, [log]);
  }
  return groups;
}

const NO_LOGS: readonly LogView[] = [];

/** The height of a row, as the style sheet has it. */
function rowHeight(): number {
  return media("(pointer: coarse)").value ? 44 : isPhone.value ? 36 : 27;
}

/** The spans of a trace as a tree of bars over time. */
export function Waterfall(props: {
  document: TraceDocument;
  selected: string | null;
  onSelect: (span: string) => void;
  handle: Ref<WaterfallHandle>;
}) {
  const { trace, spans } = props.document;
  const { selected, onSelect } = props;
  const list = useRef<VirtualListHandle>(null);
  const rows = useMemo(() => waterfallRows(spans, collapsed.value), [spans, collapsed.value]);
  const logs = useMemo(() => bySpan(traceLogs.value), [traceLogs.value]);
  const height = rowHeight();

  useImperativeHandle(props.handle, () => ({
    focus() {
      const tree = list.current?.element()?.querySelector("[role=treegrid]");
      if (tree instanceof HTMLElement) tree.focus({ preventScroll: true });
    },
  }));

  // A span that is linked to is shown, wherever it is.
  useLayoutEffect(() => {
    if (selected === null) return;
    const hidden = ancestorsOf(spans, selected).filter((span) => collapsed.peek().has(span.span_id));
    for (const span of hidden) setCollapsed(span.span_id, false);
  }, [selected, trace.trace_id]);
  useLayoutEffect(() => {
    const index = rows.findIndex(({ span }) => span.span_id === selected);
    if (index >= 0) list.current?.scrollTo(index);
  }, [selected, trace.trace_id, rows]);

  function pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor((list.current?.element()?.clientHeight ?? 0) / height) - 2);
    const move = waterfallMove(rows, selected, event.key, page);
    if (move === undefined) return;
    event.preventDefault();
    if (move.do === "select") onSelect(move.id);
    else setCollapsed(move.id, move.do === "collapse");
  }

  return (
    <VirtualList
      items={rows}
      rowHeight={height}
      keyOf={({ span }) => span.span_id}
      handle={list}
      class="spans"
      headHeight={26}
      head={<Ruler duration={trace.duration} />}
      rowsAttributes={{
        role: "treegrid",
        tabIndex: 0,
        "aria-label": `Spans of ${trace.name}`,
        "aria-rowcount": rows.length,
        "aria-activedescendant": selected === null ? undefined : spanRowId(selected),
        onKeyDown: pressed,
      }}
      render={({ span, below, collapsed: isCollapsed }, index) => (
        <SpanLine
          key={span.span_id}
          span={span}
          below={below}
          isCollapsed={isCollapsed}
          isSelected={span.span_id === selected}
          index={index}
          traceStart={trace.start}
          total={trace.duration}
          logs={logs.get(span.span_id) ?? NO_LOGS}
          onSelect={onSelect}
        />
      )}
      tail={
        <>
          {trace.running && <OpenEnd />}
          <SelfTimes shares={trace.shares} total={trace.duration} />
        </>
      }
    />
  );
}
