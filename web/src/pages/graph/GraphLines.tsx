import { isPlainClick } from "../../state/place/route";
import { graph, lineAddress, nameOf, selectAddress, selection, shownLines } from "./graphState";
import { arrowPath, labelPoint, linePath } from "./layout/lines";
import type { Layout, PlacedLine, Point } from "./layout/types";
import type { GraphLine, LineState } from "./lines";
import { NEED_LOOKS } from "./needs";
import { ownLine } from "./ownLine";

/** The classes of a line by what it stands for. */
const CLASSES: Readonly<Record<LineState, string>> = {
  open: "pend",
  over: "",
  later: "later",
  values: "ref",
  own: "own",
};

/** A line as it is drawn. */
export interface Drawn {
  line: GraphLine;
  state: LineState;
  path: string;
  arrow: string;
  label: Point & { room: number };
}

function drawn(layout: Layout, placed: ReadonlyMap<string, PlacedLine>): readonly Drawn[] {
  return shownLines.value.flatMap(({ line, state }) => {
    const course = placed.get(`${line.from}>${line.to}`) ?? ownLine(layout.nodes, line);
    if (!course) return [];
    const path = linePath(course.points);
    return [
      {
        line,
        state,
        path,
        arrow: state === "own" ? "" : arrowPath(course),
        label: labelPoint(course.points),
      },
    ];
  });
}

/** The lines that are shown, those that stand out last, so that they are above the others. */
export function drawnLines(): readonly Drawn[] {
  const { layout } = graph.value;
  const placed = new Map(layout.lines.map((line) => [`${line.from}>${line.to}`, line]));
  return [...drawn(layout, placed)].sort((a, b) => rank(a) - rank(b));
}

function isSelected({ from, to }: GraphLine): boolean {
  const now = selection.value;
  return now?.kind === "line" && now.from === from && now.to === to;
}

/** Whether a line is one of the selected node. */
function isNear({ from, to }: GraphLine): boolean {
  const now = selection.value;
  return now?.kind === "node" && (now.id === from || now.id === to);
}

function rank({ line, state }: Drawn): number {
  return isSelected(line) ? 3 : state === "open" ? 2 : isNear(line) ? 1 : 0;
}

function Line({ each }: { each: Drawn }) {
  const { line, state, path, arrow } = each;
  const look = `${CLASSES[state]} ${isSelected(line) ? "sel" : isNear(line) ? "near" : ""}`;
  const address = lineAddress(line.from, line.to);
  return (
    <a
      href={address}
      // In SVG attributes are spelled as they stand.
      tabindex={-1}
      onClick={(event) => {
        if (!isPlainClick(event)) return;
        event.preventDefault();
        selectAddress(address);
      }}
    >
      <title>
        {nameOf(line.from)} → {nameOf(line.to)}: {NEED_LOOKS[state].words}
      </title>
      <path class="ghit" d={path} />
      <path class={`ge ${look}`} d={path} />
      {arrow && <path class={`gh ${look}`} d={arrow} />}
    </a>
  );
}

/** The lines of the graph. They are for the eye: nodes and the list say the same in words. */
export function GraphLines({ lines }: { lines: readonly Drawn[] }) {
  const { width, height } = graph.value.layout;
  return (
    <svg width={width} height={height} aria-hidden="true">
      {lines.map((each) => (
        <Line key={`${each.line.from}>${each.line.to}`} each={each} />
      ))}
    </svg>
  );
}
