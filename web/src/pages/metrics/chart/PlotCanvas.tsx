import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import type { Mark, PlotDocument } from "../../../api/schema";
import { clock } from "../../../state/format";
import { seriesOf } from "../../../state/run/series";
import type { TimeSpan } from "../metricsFeed";
import { timeTicks } from "../timeWindow";
import { chartColours } from "./colours";
import { BOTTOM, drawPlot, LEFT, RIGHT } from "./drawPlot";
import { placeMarks } from "./markLabels";
import type { ValueScale } from "./plotScale";
import { seriesLooks } from "./seriesLook";
import { thinned } from "./thinning";

/** The size of a chart in pixels. */
export interface PlotSize {
  width: number;
  height: number;
}

function canvasFont(canvas: HTMLCanvasElement): string {
  return `10px ${getComputedStyle(canvas).fontFamily}`;
}

/** The lines of a chart, its scales and what happened meanwhile, drawn in one canvas. */
export function PlotCanvas(props: {
  plot: PlotDocument;
  scale: ValueScale;
  span: TimeSpan;
  marks: readonly Mark[];
  isLabelled: boolean;
  /** Whether it is near what can be seen: what is not is drawn when it comes into view. */
  isInView: boolean;
  size: PlotSize;
  label: string;
}) {
  const { plot, scale, span, marks, isLabelled, isInView, size } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const colours = chartColours();
  const lines = useMemo(() => {
    const looks = seriesLooks(plot.series, seriesOf);
    const width = Math.max(1, size.width - LEFT - RIGHT);
    return plot.series.map(({ points }, index) => ({
      runs: thinned(points, span.start, span.end, width),
      look: looks[index] ?? { token: "sx" as const, dash: [] },
    }));
  }, [plot, span, size.width]);

  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!isInView || !element || !context || size.width < LEFT + RIGHT + 20 || size.height < BOTTOM + 20)
      return;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(size.width * ratio);
    const height = Math.round(size.height * ratio);
    if (element.width !== width) element.width = width;
    if (element.height !== height) element.height = height;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const font = canvasFont(element);
    context.font = font;
    const room = size.width - LEFT - RIGHT;
    const ticks = timeTicks(span.start, span.end, room < 240 ? 3 : 5);
    const widthOf = (text: string) =>
      isLabelled ? context.measureText(text).width : Number.POSITIVE_INFINITY;
    drawPlot(context, {
      ...size,
      scale,
      lines,
      colours,
      font,
      times: ticks.map(({ time, precise }) => ({
        x: ((time - span.start) / (span.end - span.start)) * room,
        label: precise ? clock(time) : clock(time).slice(0, 5),
      })),
      marks: placeMarks(marks, span.start, span.end, room, widthOf),
    });
  }, [lines, scale, span, marks, isLabelled, isInView, size, colours]);

  return <canvas ref={canvas} role="img" aria-label={props.label} />;
}
