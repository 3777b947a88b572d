import type { InstrumentView, PlotDocument } from "../../../api/schema";
import { valueAt } from "../../metrics/chart/thinning";
import { valueWords } from "../../metrics/units";

/** What an instrument of a resource stood at, at a moment. */
export interface MomentValue {
  instrument: string;
  title: string;
  value: string;
}

/** How many are told. */
const MOST = 4;

/** The instruments that stand at something at each moment: those that count only say how fast. What programs measure of
 * themselves comes before what the host measures of all of them. */
export function standingInstruments(instruments: readonly InstrumentView[]): readonly InstrumentView[] {
  const standing = instruments.filter(({ kind }) => kind === "gauge" || kind === "up_down_counter");
  const isOfHost = ({ name }: InstrumentView) => /^process\.(cpu|memory)\./.test(name);
  return [...standing.filter((each) => !isOfHost(each)), ...standing.filter(isOfHost)].slice(0, MOST);
}

/** What instruments stood at.
 * @param instance Whose lines are meant, where several instances of the resource have some.
 * @param time In seconds since 1970. */
export function momentValues(
  instruments: readonly InstrumentView[],
  plots: readonly PlotDocument[],
  instance: string,
  time: number,
): readonly MomentValue[] {
  return instruments.flatMap(({ name, title }) => {
    const plot = plots.find((each) => each.instrument === name);
    const line = plot?.series.find(({ label }) => label === instance) ?? plot?.series[0];
    const value = plot && line ? valueAt(line.points, time, Math.max(plot.step, 1) * 3) : null;
    return plot && value !== null ? [{ instrument: name, title, value: valueWords(value, plot) }] : [];
  });
}
