import { batch, effect, signal } from "@preact/signals";
import { ask } from "../../../api/client";
import { type Problem, toProblem } from "../../../api/problem";
import type { LogView, SpanDetails, TraceDocument } from "../../../api/schema";
import { traceRows } from "../traceFeed";

/** Milliseconds between two looks at a trace that goes on. */
const PAUSE = 1000;
/** Milliseconds that a span is selected before it is asked for. */
const SPAN_PAUSE = 60;
/** How many log entries of a trace are marked at most. */
const MOST_LOGS = 500;

/** The trace that is open; while the next one is fetched, the one before. */
export const openDocument = signal<TraceDocument | null>(null);
/** Why it could not be fetched. */
export const traceProblem = signal<Problem | null>(null);
/** The structured log entries of the trace that is open. */
export const traceLogs = signal<readonly LogView[]>([]);
/** What there is to say of the selected span beyond the waterfall; null until it came. */
export const spanDetails = signal<SpanDetails | null>(null);
/** The spans that are collapsed. */
export const collapsed = signal<ReadonlySet<string>>(new Set());

/** Fetch a trace, and again when it grows, until the returned function is called. */
export function openTrace(id: string): () => void {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let version = 0;
  const known = openDocument.peek()?.trace.trace_id === id;
  if (!known) {
    batch(() => {
      traceProblem.value = null;
      collapsed.value = new Set();
    });
  }

  async function load(): Promise<void> {
    clearTimeout(timer);
    try {
      const document = await ask("GET /api/telemetry/traces/{trace}", {
        path: { trace: id },
        signal: abort.signal,
      });
      version = document.trace.version;
      batch(() => {
        if (openDocument.peek()?.trace.trace_id !== id) traceLogs.value = [];
        openDocument.value = document;
        traceProblem.value = null;
      });
      if (document.trace.running) timer = setTimeout(load, PAUSE);
      void loadLogs();
    } catch (error) {
      if (!abort.signal.aborted) traceProblem.value = toProblem(error);
    }
  }

  async function loadLogs(): Promise<void> {
    try {
      const query = { trace: id, limit: MOST_LOGS };
      const { logs } = await ask("GET /api/telemetry/logs", { query, signal: abort.signal });
      traceLogs.value = logs;
    } catch {
      // The waterfall says all that matters without its log marks.
    }
  }

  void load();
  const stopWatching = effect(() => {
    const row = traceRows.value.shown.find((trace) => trace.trace_id === id);
    if (version > 0 && row && row.version > version) void load();
  });
  return () => {
    stopWatching();
    clearTimeout(timer);
    abort.abort();
  };
}

/** Fetch what there is to say of a span, until the returned function is called. Who moves on from span to span with a key
 * that is held asks only for the last one. */
export function openSpan(trace: string, span: string): () => void {
  const abort = new AbortController();
  if (spanDetails.peek()?.span.span_id !== span) spanDetails.value = null;
  const timer = setTimeout(async () => {
    const path = { trace, span };
    try {
      const route = "GET /api/telemetry/traces/{trace}/spans/{span}";
      spanDetails.value = await ask(route, { path, signal: abort.signal });
    } catch {
      // The drawer has the span itself from the waterfall; what is beyond it is left out.
    }
  }, SPAN_PAUSE);
  return () => {
    clearTimeout(timer);
    abort.abort();
  };
}

/** Collapse or expand the spans below one. */
export function setCollapsed(id: string, isCollapsed: boolean): void {
  const next = new Set(collapsed.peek());
  if (isCollapsed) next.add(id);
  else next.delete(id);
  collapsed.value = next;
}
