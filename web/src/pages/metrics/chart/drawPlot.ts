import type { Colours } from "./colours";
import type { PlacedMark } from "./markLabels";
import type { ValueScale } from "./plotScale";
import type { SeriesLook } from "./seriesLook";
import type { LinePoint } from "./thinning";

/** The room around the lines of a chart, in pixels: for the scale of values, and for that of time. */
export const LEFT = 46;
export const RIGHT = 4;
export const TOP = 8;
export const BOTTOM = 18;

/** A line that is drawn. */
export interface DrawnLine {
  runs: readonly (readonly LinePoint[])[];
  look: SeriesLook;
}

/** All that a chart is drawn from. */
export interface DrawnPlot {
  width: number;
  height: number;
  scale: ValueScale;
  times: readonly { x: number; label: string }[];
  lines: readonly DrawnLine[];
  marks: readonly PlacedMark[];
  colours: Colours;
  font: string;
}

/** The height of a value, from the top of the chart. */
export function yOf(value: number, scale: ValueScale, height: number): number {
  const room = height - TOP - BOTTOM;
  const part = (value - scale.low) / (scale.high - scale.low || 1);
  return TOP + room * (1 - Math.min(1, Math.max(0, part)));
}

/** Draw a chart: scale, marks, lines. */
export function drawPlot(context: CanvasRenderingContext2D, plot: DrawnPlot): void {
  context.clearRect(0, 0, plot.width, plot.height);
  context.font = plot.font;
  drawScale(context, plot);
  drawTimes(context, plot);
  drawMarks(context, plot);
  for (const line of plot.lines) drawLine(context, plot, line);
}

function drawScale(context: CanvasRenderingContext2D, { width, height, scale, colours }: DrawnPlot): void {
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.lineWidth = 1;
  for (const { value, label } of scale.ticks) {
    const y = Math.round(yOf(value, scale, height)) + 0.5;
    context.strokeStyle = colours.line;
    strokeLine(context, LEFT, y, width - RIGHT, y);
    context.fillStyle = colours["text-3"];
    context.fillText(label, LEFT - 6, y);
  }
}

function drawTimes(context: CanvasRenderingContext2D, { times, height, width, colours }: DrawnPlot): void {
  context.textBaseline = "alphabetic";
  context.textAlign = "center";
  context.fillStyle = colours["text-3"];
  for (const { x, label } of times) {
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.min(Math.max(LEFT + x, LEFT + half), width - RIGHT - half), height - 3);
  }
}

function drawMarks(context: CanvasRenderingContext2D, { marks, height, colours }: DrawnPlot): void {
  context.strokeStyle = colours["text-3"];
  context.fillStyle = colours["text-3"];
  context.lineWidth = 1;
  context.setLineDash([3, 3]);
  for (const { x, label, left } of marks) {
    const at = Math.round(LEFT + x) + 0.5;
    strokeLine(context, at, 6, at, height - BOTTOM);
    context.textAlign = left ? "right" : "left";
    context.fillText(label, at + (left ? -4 : 4), 14);
  }
  context.setLineDash([]);
}

function drawLine(context: CanvasRenderingContext2D, plot: DrawnPlot, { runs, look }: DrawnLine): void {
  const { scale, height, colours } = plot;
  context.strokeStyle = colours[look.token];
  context.fillStyle = colours[look.token];
  context.lineWidth = 1.6;
  context.lineJoin = "round";
  context.lineCap = (look.dash[0] ?? 9) < 2 ? "round" : "butt";
  context.setLineDash([...look.dash]);
  context.beginPath();
  for (const run of runs) {
    const [first] = run;
    if (first && run.length === 1) drawDot(context, LEFT + first.x, yOf(first.value, scale, height));
    run.forEach(({ x, value }, index) => {
      const y = yOf(value, scale, height);
      if (index === 0) context.moveTo(LEFT + x, y);
      else context.lineTo(LEFT + x, y);
    });
  }
  context.stroke();
  context.setLineDash([]);
}

/** A value between two gaps is no line, and would not be seen. */
function drawDot(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.fillRect(x - 1.2, y - 1.2, 2.4, 2.4);
}

function strokeLine(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.beginPath();
  context.moveTo(x1, y1);
  context.lineTo(x2, y2);
  context.stroke();
}
