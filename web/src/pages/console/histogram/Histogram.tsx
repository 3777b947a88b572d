import { memo } from "preact/compat";
import { now } from "../../../state/clock";
import { clock } from "../../../state/format";
import { histogram } from "./counts";
import { axisTimes, type Bar, histogramBars, histogramSpan } from "./histogramBars";

const WIDTH = 1120;
const HEIGHT = 26;

function BarMarks({ bar }: { bar: Bar }) {
  const x = bar.x * WIDTH;
  const width = Math.max(1, bar.width * WIDTH * 0.7);
  const error = bar.error * HEIGHT;
  const warn = Math.min(bar.warn * HEIGHT, HEIGHT - error);
  return (
    <>
      <rect class="all" x={x} y={HEIGHT - bar.all * HEIGHT} width={width} height={bar.all * HEIGHT} />
      {warn > 0 && <rect class="warn" x={x} y={HEIGHT - error - warn} width={width} height={warn} />}
      {error > 0 && <rect class="error" x={x} y={HEIGHT - error} width={width} height={error} />}
    </>
  );
}

function Bars(props: { view: readonly [number, number] | null; onGo: (time: number) => void }) {
  const counts = histogram.value;
  const span = counts && histogramSpan(counts, now.value);
  if (!counts || !span) return <div class="hist" />;
  const [from, to] = span;
  const place = (time: number) => ((Math.min(Math.max(time, from), to) - from) / (to - from)) * WIDTH;
  const [first, last] = props.view ?? [to, to];
  function move(event: KeyboardEvent): void {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (step === undefined || !counts) return;
    event.preventDefault();
    props.onGo(first + step * counts.step);
  }
  return (
    <div class="hist">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="slider"
        tabIndex={0}
        aria-label={`Lines from ${clock(from)} to ${clock(to)}: ${counts.totals.error} errors, ${counts.totals.warn} warnings`}
        aria-valuemin={Math.round(from)}
        aria-valuemax={Math.round(to)}
        aria-valuenow={Math.round(Math.min(Math.max(first, from), to))}
        aria-valuetext={`In view: ${clock(first)} to ${clock(last)}`}
        onKeyDown={move}
        onClick={(event) => {
          const { left, width } = event.currentTarget.getBoundingClientRect();
          props.onGo(from + ((event.clientX - left) / width) * (to - from));
        }}
      >
        <rect
          class="view"
          x={place(first)}
          y={0}
          width={Math.max(3, place(last) - place(first))}
          height={HEIGHT}
        />
        {histogramBars(counts, span).map((bar) => (
          <BarMarks key={bar.time} bar={bar} />
        ))}
      </svg>
      <div aria-hidden="true">
        {axisTimes(span, 6).map((time) => (
          <span key={time}>{clock(time).slice(0, to - from > 600 ? 5 : 8)}</span>
        ))}
      </div>
    </div>
  );
}

/** How many lines there are when, with warnings and errors; what is in view is marked, and a click goes there.
 * @param props.view The times of what is in view; null where nothing is. */
export const Histogram = memo(Bars);
