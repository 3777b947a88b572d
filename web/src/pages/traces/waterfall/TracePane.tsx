import type { Ref } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SpanView, TraceDocument } from "../../../api/schema";
import { EmptyState } from "../../../components/EmptyState";
import { Patience, Skeleton } from "../../../components/Skeleton";
import { Gone } from "../../../frame/Gone";
import { isPhone } from "../../../state/media";
import { setQuery } from "../../../state/place/route";
import { SpanDrawer } from "../span/SpanDrawer";
import { initialSpan } from "../span/spanChoice";
import { traceRows, tracesKept } from "../traceFeed";
import { shortId } from "../traceWords";
import { traceProblem } from "./openTrace";
import { TraceHead } from "./TraceHead";
import { Waterfall, type WaterfallHandle } from "./Waterfall";

function NoDocument({ id, listHref }: { id: string | null; listHref: string }) {
  const problem = traceProblem.value;
  if (id === null) {
    if (traceRows.value.shown.length === 0) return null;
    return (
      <EmptyState
        icon="traces"
        title="No trace is open"
        text="Choose one of the list or of the drawing, or press J."
      />
    );
  }
  if (problem) {
    const limit = tracesKept.value?.limit;
    const kept = limit === undefined ? "" : ` The last ${limit.toLocaleString("en")} are kept.`;
    return (
      <Gone
        icon="traces"
        what={`trace ${shortId(id)} any more`}
        text={
          problem.status === 0
            ? problem.message
            : `It may be of another run, or older than what is kept.${kept}`
        }
        label="All traces"
        href={listHref}
      />
    );
  }
  return (
    <div class="empty">
      <Patience what="the trace">
        <Skeleton width={180} />
      </Patience>
    </div>
  );
}

/** Select a span of a trace that was opened without one, before it is drawn. What the reader has closed stays closed. */
function useInitialSpan(document: TraceDocument | null, span: string | null): void {
  const before = useRef<{ trace: string; operation: SpanView | null } | null>(null);
  useLayoutEffect(() => {
    if (document === null) return;
    const { trace_id } = document.trace;
    const selected = document.spans.find((each) => each.span_id === span);
    const isNew = before.current?.trace !== trace_id;
    if (isNew && selected === undefined && !isPhone.value) {
      const initial = initialSpan(document, span === null ? null : (before.current?.operation ?? null));
      setQuery({ span: initial?.span_id });
    }
    before.current = { trace: trace_id, operation: selected ?? null };
  }, [document, span]);
}

/** The open trace: its waterfall, and the selected span beside it. */
export function TracePane(props: {
  id: string | null;
  document: TraceDocument | null;
  span: string | null;
  listHref: string;
  waterfall: Ref<WaterfallHandle>;
  onClose: () => void;
}) {
  const { document, span } = props;
  useInitialSpan(document, span);
  if (document === null) {
    return (
      <section class="wf" aria-label="Trace">
        <NoDocument id={props.id} listHref={props.listHref} />
      </section>
    );
  }
  const selected = document.spans.find((each) => each.span_id === span);
  return (
    <>
      <section class="wf" aria-label="Trace">
        <TraceHead trace={document.trace} listHref={props.listHref} />
        <Waterfall
          document={document}
          selected={span}
          onSelect={(id) => setQuery({ span: id })}
          handle={props.waterfall}
        />
      </section>
      {selected && <SpanDrawer trace={document.trace} span={selected} onClose={props.onClose} />}
    </>
  );
}
