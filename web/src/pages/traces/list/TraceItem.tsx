import { memo } from "preact/compat";
import type { TraceView } from "../../../api/schema";
import { Shape } from "../../../components/marks/Shape";
import { clock, counted, measured } from "../../../state/format";
import { idStart } from "../traceWords";
import { ShareBar } from "./ShareBar";

/** The id of the element of a trace in the list. */
export function itemId(trace: string): string {
  return `trace-${trace}`;
}

function Item(props: {
  trace: TraceView;
  href: string;
  isOpen: boolean;
  isActive: boolean;
  index: number;
  count: number;
  onOpen: (trace: string) => void;
}) {
  const { trace, isOpen, isActive } = props;
  return (
    <a
      id={itemId(trace.trace_id)}
      class={isActive ? "titem active" : "titem"}
      role="option"
      tabIndex={-1}
      href={props.href}
      aria-selected={isOpen}
      aria-posinset={props.index + 1}
      aria-setsize={props.count}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        props.onOpen(trace.trace_id);
      }}
    >
      <b>
        {trace.errors > 0 && (
          <span class="t-bad">
            <Shape name="bad" />
            <span class="sr">has errors, </span>
          </span>
        )}
        {trace.running && (
          <span class="t-busy">
            <Shape name="busy" />
            <span class="sr">still running, </span>
          </span>
        )}
        <span class="cut">{trace.name}</span>
      </b>
      <span class="ms">{measured(trace.duration)}</span>
      <ShareBar shares={trace.shares} />
      <small>
        {clock(trace.start)} · {counted(trace.spans, "span")}
      </small>
      <small class="mono">{idStart(trace.trace_id)}</small>
    </a>
  );
}

/** A trace in the list: its name, duration, whose time it was, when, and its id. */
export const TraceItem = memo(Item);
