import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { ask } from "../../api/client";
import { type Problem, toProblem } from "../../api/problem";
import type { InstrumentList, Mark, PlotDocument } from "../../api/schema";
import { isAsleep, onSleep } from "../../api/visibility";

/** What the charts show. */
export interface MetricsQuery {
  /** The ids of the resources in view; none means all. */
  resources: readonly string[];
  /** Filters by attribute, each `name=value`. */
  filters: readonly string[];
  /** Seconds. */
  window: number;
}

/** The time that all charts show, in seconds since 1970. */
export interface TimeSpan {
  start: number;
  end: number;
}

/** Milliseconds between two looks at the instruments. */
const INSTRUMENTS_PAUSE = 5000;
/** Milliseconds between two looks at the plots, at least and at most. */
const LEAST_PAUSE = 1000;
const MOST_PAUSE = 15_000;

/** The instruments that have data; null until they came. */
export const instruments = signal<InstrumentList | null>(null);
/** Why they could not be fetched. */
export const metricsProblem = signal<Problem | null>(null);
/** What happened in the window. */
export const marks = signal<readonly Mark[]>([]);
/** The time that all charts show. */
export const timeSpan = signal<TimeSpan>({ start: 0, end: 1 });
/** Whether the charts go on with the time. */
export const isFollowing = signal(true);

const plots = new Map<string, Signal<PlotDocument | null>>();
const inView = new Set<string>();
let query: MetricsQuery | null = null;
let abort: AbortController | undefined;
let plotsTimer: ReturnType<typeof setTimeout> | undefined;
let instrumentsTimer: ReturnType<typeof setTimeout> | undefined;

function plotSignal(instrument: string): Signal<PlotDocument | null> {
  const known = plots.get(instrument);
  if (known) return known;
  const plot = signal<PlotDocument | null>(null);
  plots.set(instrument, plot);
  return plot;
}

/** The plot of an instrument; null while it has none. */
export function plotOf(instrument: string): ReadonlySignal<PlotDocument | null> {
  return plotSignal(instrument);
}

/** An instrument came into view or went out of it: only those in view are fetched. */
export function setInView(instrument: string, isIn: boolean): void {
  if (!isIn) {
    inView.delete(instrument);
  } else if (!inView.has(instrument)) {
    inView.add(instrument);
    schedulePlots(0);
  }
}

/** Show the metrics that are asked for, until the returned function is called. */
export function openMetrics(asked: MetricsQuery): () => void {
  query = asked;
  void fetchInstruments();
  schedulePlots(0);
  const unsubscribe = onSleep({ sleep: pause, wake: resume });
  return () => {
    unsubscribe();
    query = null;
    pause();
  };
}

function pause(): void {
  abort?.abort();
  clearTimeout(plotsTimer);
  clearTimeout(instrumentsTimer);
}

function resume(): void {
  if (query === null || !isFollowing.peek()) return;
  void fetchInstruments();
  schedulePlots(0);
}

/** Follow the time, or let the charts stand still. */
export function setFollowing(follows: boolean): void {
  isFollowing.value = follows;
  if (follows) resume();
}

async function fetchInstruments(): Promise<void> {
  const asked = query;
  clearTimeout(instrumentsTimer);
  if (asked === null) return;
  try {
    const answer = await ask("GET /api/telemetry/instruments", { query: { r: asked.resources } });
    if (query !== asked) return;
    batch(() => {
      instruments.value = answer;
      metricsProblem.value = null;
    });
  } catch (error) {
    if (query === asked) metricsProblem.value = toProblem(error);
  }
  if (query === asked && !isAsleep()) instrumentsTimer = setTimeout(fetchInstruments, INSTRUMENTS_PAUSE);
}

function schedulePlots(pause: number): void {
  clearTimeout(plotsTimer);
  plotsTimer = setTimeout(fetchPlots, pause);
}

async function fetchPlots(): Promise<void> {
  const asked = query;
  const wanted = [...inView];
  if (asked === null || isAsleep()) return;
  if (wanted.length === 0) return schedulePlots(LEAST_PAUSE);
  abort?.abort();
  const request = new AbortController();
  abort = request;
  try {
    const answer = await ask("GET /api/telemetry/plots", {
      query: { r: asked.resources, instrument: wanted, window: asked.window, f: asked.filters },
      signal: request.signal,
    });
    if (query === asked) take(wanted, answer.plots, answer.marks);
  } catch {
    // The charts show what they have; the strip tells when the host is gone.
  }
  if (query !== asked || request.signal.aborted) return;
  if (isFollowing.peek()) schedulePlots(pauseBetween(asked.window));
}

/** Charts change no more often than a point comes. */
function pauseBetween(window: number): number {
  return Math.min(MOST_PAUSE, Math.max(LEAST_PAUSE, (window / 300) * 1000));
}

function take(wanted: readonly string[], answered: readonly PlotDocument[], happened: readonly Mark[]): void {
  const byName = new Map(answered.map((plot) => [plot.instrument, plot]));
  const [first] = answered;
  batch(() => {
    for (const name of wanted) plotSignal(name).value = byName.get(name) ?? null;
    if (first) timeSpan.value = { start: first.start, end: first.end };
    marks.value = happened;
  });
}
