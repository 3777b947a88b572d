import { memo } from "preact/compat";
import type { LogView, SpanView } from "../../../api/schema";
import { Icon } from "../../../components/marks/Icon";
import { Shape } from "../../../components/marks/Shape";
import { counted, measured } from "../../../state/format";
import { resourceName } from "../../../state/run/resources";
import { seriesClass } from "../../../state/run/series";
import { setCollapsed } from "./openTrace";

/** The id of the element of a span in the waterfall. */
export function spanRowId(span: string): string {
  return `span-${span}`;
}

function Twisty({ span, below, isCollapsed }: { span: SpanView; below: number; isCollapsed: boolean }) {
  return (
    <button
      type="button"
      class={isCollapsed ? "tw closed" : "tw"}
      tabIndex={-1}
      aria-label={`${isCollapsed ? "Show" : "Hide"} ${counted(below, "span")} below`}
      onClick={(event) => {
        event.stopPropagation();
        setCollapsed(span.span_id, !isCollapsed);
      }}
    >
      <Icon name="down" size={10} />
    </button>
  );
}

/** How bad the news of a log entry is, as a class of its mark. */
function markClass({ level }: LogView): string {
  if (level === "error" || level === "fatal") return "lm bad";
  return level === "warn" ? "lm warn" : "lm";
}

function Bar(props: { span: SpanView; traceStart: number; total: number; logs: readonly LogView[] }) {
  const { span, total } = props;
  const percent = (seconds: number) => (total > 0 ? Math.min(100, Math.max(0, (seconds / total) * 100)) : 0);
  const names = ["bar2", span.longest_path ? "crit" : "", span.status === "error" ? "err" : ""];
  const left = Math.min(99.7, percent(span.offset));
  return (
    <span class="tl" role="gridcell">
      <span
        class={names.filter((name) => name !== "").join(" ")}
        style={{ left: `${left}%`, width: `${Math.max(0.3, Math.min(100 - left, percent(span.duration)))}%` }}
      />
      {props.logs.map((log) => (
        <i key={log.id} class={markClass(log)} style={{ left: `${percent(log.time - props.traceStart)}%` }} />
      ))}
      <span class="sr">
        {span.longest_path && "on the longest path, "}begins at {measured(span.offset)}
        {span.logs > 0 && `, ${counted(span.logs, "log entry", "log entries")}`}
      </span>
    </span>
  );
}

function Line(props: {
  span: SpanView;
  below: number;
  isCollapsed: boolean;
  isSelected: boolean;
  index: number;
  traceStart: number;
  total: number;
  logs: readonly LogView[];
  onSelect: (span: string) => void;
}) {
  const { span, below, isCollapsed } = props;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys, as it has the focus
    <div
      id={spanRowId(span.span_id)}
      class={`sp ${seriesClass(span.resource)}`}
      role="row"
      aria-level={span.depth + 1}
      aria-rowindex={props.index + 1}
      aria-selected={props.isSelected}
      aria-expanded={below > 0 ? !isCollapsed : undefined}
      onClick={() => props.onSelect(span.span_id)}
    >
      <span class="op" role="gridcell" style={{ "--lv": Math.min(span.depth, 12) }}>
        {below > 0 && <Twisty span={span} below={below} isCollapsed={isCollapsed} />}
        <i />
        <b>{resourceName(span.resource)}</b>
        <span class="cut" title={span.name}>
          {span.name}
        </span>
        {isCollapsed && <small>+{below}</small>}
      </span>
      <Bar span={span} traceStart={props.traceStart} total={props.total} logs={props.logs} />
      <span class="dur" role="gridcell">
        {span.status === "error" && (
          <span class="t-bad">
            <Shape name="bad" />
            <span class="sr">error, </span>
          </span>
        )}
        {measured(span.duration)}
      </span>
    </div>
  );
}

/** A span of the waterfall: under its resource, its bar on the scale of time, its duration. */
export const SpanLine = memo(Line);
