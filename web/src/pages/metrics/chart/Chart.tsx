import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { InstrumentView, PlotDocument } from "../../../api/schema";
import { marks, plotOf, setInView, timeSpan } from "../metricsFeed";
import { SeriesTable } from "../SeriesTable";
import { valueText, valueWords } from "../units";
import { ChartLegend } from "./ChartLegend";
import { CrossLine } from "./CrossLine";
import { pinTime, pointAt } from "./crosshair";
import { LEFT, RIGHT } from "./drawPlot";
import { Exemplars } from "./Exemplars";
import { extent } from "./extent";
import { PlotCanvas, type PlotSize } from "./PlotCanvas";
import { valueScale } from "./plotScale";

function Figure({ plot }: { plot: PlotDocument }) {
  if (plot.summary === null) return null;
  const { number, unit } = valueText(plot.summary, plot);
  // That a figure is the latest, or of all lines, is what a reader expects; anything else is said.
  const label = ["now", "together"].includes(plot.summary_label) ? "" : plot.summary_label;
  return (
    <span class="fig">
      {number} <small>{[unit, label].filter((part) => part !== "").join(" ")}</small>
    </span>
  );
}

/** What a chart shows, in words. */
function plotWords(title: string, plot: PlotDocument): string {
  const latest = plot.series.flatMap(({ label, latest: value }) =>
    value === null ? [] : [`${label} now ${valueWords(value, plot)}`],
  );
  return `${title}: ${latest.join(", ") || "no values now"}`;
}

/** Which time is under the pointer. */
function timeUnder(event: PointerEvent | MouseEvent): number | null {
  if (!(event.currentTarget instanceof Element)) return null;
  const box = event.currentTarget.getBoundingClientRect();
  const { start, end } = timeSpan.peek();
  const part = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
  return part < -0.02 || part > 1.02 ? null : start + Math.min(1, Math.max(0, part)) * (end - start);
}

function Plot(props: {
  plot: PlotDocument;
  title: string;
  kind: InstrumentView["kind"];
  isLabelled: boolean;
  isInView: boolean;
}) {
  const { plot, title } = props;
  const box = useRef<HTMLDivElement>(null);
  const size = useSignal<PlotSize>({ width: 0, height: 0 });
  const span = timeSpan.value;
  const scale = useMemo(() => {
    const { least, most } = extent(plot);
    return valueScale(least, most, plot.unit, plot.instrument);
  }, [plot]);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      size.value = { width: element.clientWidth, height: element.clientHeight };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys of all charts are those of their region
    // biome-ignore lint/a11y/useKeyWithClickEvents: as above
    <div
      ref={box}
      class="plot"
      onPointerMove={(event) => pointAt(timeUnder(event))}
      onPointerLeave={() => pointAt(null)}
      onClick={(event) => {
        if (!(event.target instanceof Element && event.target.closest("a"))) pinTime(timeUnder(event));
      }}
    >
      <PlotCanvas
        plot={plot}
        scale={scale}
        span={span}
        marks={marks.value}
        isLabelled={props.isLabelled}
        isInView={props.isInView}
        size={size.value}
        label={plotWords(title, plot)}
      />
      <CrossLine />
      <Exemplars kind={props.kind} plot={plot} scale={scale} span={span} size={size.value} />
    </div>
  );
}

/** An instrument: its name, what it stands at, its lines over time.
 * @param props.isLabelled Whether it says what happened at the marks: the charts of the first row do. */
export function Chart({ instrument, isLabelled }: { instrument: InstrumentView; isLabelled: boolean }) {
  const section = useRef<HTMLElement>(null);
  const { name, title, description } = instrument;
  const isInView = useSignal(false);
  const plot = plotOf(name).value;

  useEffect(() => {
    const element = section.current;
    if (!element) return;
    const seen = (entries: readonly IntersectionObserverEntry[]) => {
      isInView.value = entries.at(-1)?.isIntersecting ?? false;
      setInView(name, isInView.value);
    };
    const observer = new IntersectionObserver(seen, { rootMargin: "200px" });
    observer.observe(element);
    return () => {
      observer.disconnect();
      setInView(name, false);
    };
  }, [name]);

  return (
    <section ref={section} class="chart" aria-label={title}>
      <div class="ttl">
        <h2 class="cut" title={description || title}>
          {title}
        </h2>
        {plot && <Figure plot={plot} />}
      </div>
      <span class="name2 cut" title={description || name}>
        {name}
      </span>
      {plot ? (
        <Plot
          plot={plot}
          title={title}
          kind={instrument.kind}
          isLabelled={isLabelled}
          isInView={isInView.value}
        />
      ) : (
        <p class="plot none">No data in this window</p>
      )}
      {plot ? <ChartLegend plot={plot} /> : <div class="legend" />}
      {plot && <SeriesTable plot={plot} title={title} />}
    </section>
  );
}
