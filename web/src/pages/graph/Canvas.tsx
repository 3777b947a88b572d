import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Button } from "../../components/Button";
import { counted } from "../../state/format";
import { useKeys } from "../../state/keys";
import { letDrag } from "./dragging";
import { drawnLines, GraphLines } from "./GraphLines";
import { GraphNode } from "./GraphNode";
import {
  found,
  graph,
  lineAddress,
  nameOf,
  onlyBlocking,
  selectAddress,
  selection,
  shownLines,
} from "./graphState";
import { Labels } from "./Labels";
import { Legend } from "./Legend";
import type { Box } from "./layout/types";
import { moveTo, nextLine, readingOrder } from "./moves";
import { WindowView } from "./windowView";

/** Pixels that an arrow moves the picture. */
const PAN = 48;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [PAN, 0],
  ArrowRight: [-PAN, 0],
  ArrowUp: [0, PAN],
  ArrowDown: [0, -PAN],
};

function boxOf(id: string): Box | undefined {
  return graph.peek().layout.nodes.find((node) => node.id === id);
}

/** Open the next line at a side of a node. */
function openLine(id: string, side: "left" | "right"): void {
  const now = selection.peek();
  const after = now?.kind === "line" ? (side === "right" ? now.to : now.from) : null;
  const lines = shownLines.peek().map(({ line }) => line);
  const line = nextLine(graph.peek().layout.nodes, lines, id, side, after);
  if (line) selectAddress(lineAddress(line.from, line.to));
}

function Frames() {
  return (
    <>
      {graph.value.layout.frames.map(({ id, x, y, width, height }) => (
        <div
          key={id}
          class="gg"
          style={{ left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` }}
        >
          <span class="cut">{nameOf(id)}</span>
        </div>
      ))}
    </>
  );
}

/** The graph as a picture, which can be moved and zoomed, and walked through by keys. */
export function Canvas() {
  const ground = useRef<HTMLDivElement>(null);
  const picture = useRef<HTMLDivElement>(null);
  const view = useMemo(() => new WindowView(), []);
  const stop = useSignal<string | null>(null);
  const { layout } = graph.value;
  const lines = drawnLines();
  const chosen = selection.value;
  const matches = found.value;

  useLayoutEffect(() => {
    const element = ground.current;
    if (!element || !picture.current) return;
    const ends = [view.attach(picture.current, element), letDrag(element, view)];
    const measure = () => view.resize({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
      for (const end of ends) end();
    };
  }, []);
  useLayoutEffect(() => view.forget(), [onlyBlocking.value]);
  useLayoutEffect(() => view.reset(layout), [layout]);
  useEffect(() => {
    for (const id of chosen?.kind === "line"
      ? [chosen.to, chosen.from]
      : chosen?.kind === "node"
        ? [chosen.id]
        : []) {
      const box = boxOf(id);
      if (box) view.show(box);
    }
  }, [chosen, layout]);
  useEffect(() => {
    const [first] = matches ?? [];
    const box = first === undefined ? undefined : boxOf(first);
    if (box) view.show(box);
  }, [matches]);
  useKeys([
    { key: "+", does: "Enlarge the graph", run: () => view.zoom(1) },
    { key: "-", does: "Shrink the graph", run: () => view.zoom(-1) },
    { key: "0", does: "Fit the graph", run: () => view.fit() },
  ]);

  function focus(id: string): void {
    stop.value = id;
    const element = picture.current?.querySelector(`[data-node="${CSS.escape(id)}"]`);
    if (element instanceof HTMLElement) element.focus({ preventScroll: true });
  }

  function keyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const id = event.target instanceof HTMLElement ? event.target.dataset.node : undefined;
    const arrow = ARROWS[event.key];
    if (id === undefined) {
      if (!arrow || event.target !== ground.current) return;
      view.pan(...arrow);
    } else if (event.shiftKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      openLine(id, event.key === "ArrowRight" ? "right" : "left");
    } else {
      const shown = shownLines.peek().map(({ line }) => line);
      const to = moveTo(layout.nodes, shown, id, event.key);
      if (to === undefined && !arrow) return;
      if (to !== undefined) focus(to);
    }
    event.preventDefault();
  }

  /** The one node that the Tab key leads to. */
  const ids = layout.nodes.map(({ id }) => id);
  const wanted = chosen?.kind === "node" ? chosen.id : stop.value;
  const tabStop = wanted !== null && ids.includes(wanted) ? wanted : readingOrder(layout.nodes)[0]?.id;
  return (
    <div
      ref={ground}
      class="gcanvas"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move the picture
      tabIndex={0}
      role="group"
      aria-label={`Graph of ${counted(ids.length, "resource")} and ${counted(lines.length, "line")}; the list has the same content`}
      onKeyDown={keyDown}
      onFocusCapture={(event) => {
        const id = event.target instanceof HTMLElement ? event.target.dataset.node : undefined;
        if (id === undefined) return;
        stop.value = id;
        const box = boxOf(id);
        if (box) view.show(box);
      }}
    >
      <div ref={picture} class="gworld">
        <Frames />
        <GraphLines lines={lines} />
        {layout.nodes.map((node) => (
          <GraphNode key={node.id} node={node} isStop={node.id === tabStop} />
        ))}
        <Labels lines={lines} />
      </div>
      <Legend />
      <div class="gzoom">
        <Button label="Zoom out" icon="minus" iconOnly title="Zoom out (-)" onClick={() => view.zoom(-1)} />
        <Button label="Zoom in" icon="plus" iconOnly title="Zoom in (+)" onClick={() => view.zoom(1)} />
        <Button label="Fit all" icon="fit" iconOnly title="Fit all (0)" onClick={() => view.fit()} />
      </div>
    </div>
  );
}
