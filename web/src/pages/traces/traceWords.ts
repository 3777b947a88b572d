import type { Comparison, ResourceShare, TraceView } from "../../api/schema";
import { counted, measured } from "../../state/format";

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** How unusual a span is, in words. */
export function comparisonText({ faster, bucket, buckets }: Comparison): string {
  if (faster > 0.5) return `this one, slower than ${percent(faster)}`;
  if (faster < 0.5 && bucket < buckets.length - 1) return `this one, faster than ${percent(1 - faster)}`;
  return "this one, as most";
}

/** What the drawing of the durations shows, in words. */
export function scatterText(traces: readonly TraceView[]): string {
  const failed = traces.filter((trace) => trace.errors > 0).length;
  const longest = Math.max(0, ...traces.map((trace) => trace.duration));
  const errors = failed === 0 ? "none has errors" : `${failed} ${failed === 1 ? "has" : "have"} errors`;
  return `Durations of ${counted(traces.length, "trace")}; ${errors}; the longest took ${measured(longest)}`;
}

/** What one resource did with its time. */
export function shareText({ self_time, spans, longest_operation, longest_self_time }: ResourceShare): string {
  const longest = spans > 1 ? ` ${measured(longest_self_time)}` : "";
  return `${measured(self_time)} · ${longest_operation}${longest}`;
}

/** The operation that took most of the time of a trace. */
export interface MostTime {
  percent: string;
  operation: string;
  resource: string;
}

/** What took most of the time, if one operation took much of it. */
export function mostTime({ shares, duration, spans }: TraceView): MostTime | null {
  const [first] = [...shares].sort((a, b) => b.longest_self_time - a.longest_self_time);
  if (first === undefined || duration <= 0 || spans < 2) return null;
  const part = first.longest_self_time / duration;
  if (part < 0.3) return null;
  return {
    percent: percent(Math.min(1, part)),
    operation: first.longest_operation,
    resource: first.resource,
  };
}

/** The id of a trace, short enough to stand beside other things. */
export function shortId(id: string): string {
  return `${id.slice(0, 6)}…${id.slice(-4)}`;
}

/** The beginning of an id, as rows show it. */
export function idStart(id: string): string {
  return id.slice(0, 6);
}
