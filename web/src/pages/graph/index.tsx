import { Button } from "../../components/Button";
import { EmptyState } from "../../components/EmptyState";
import { Patience, Skeleton } from "../../components/Skeleton";
import { AppFacts, KeyHint } from "../../frame/Footer";
import { PageFrame } from "../../frame/PageFrame";
import { counted } from "../../state/format";
import { useKeys } from "../../state/keys";
import { setQuery } from "../../state/place/route";
import { model } from "../../state/run/app";
import { isStale } from "../../state/run/connection";
import { resources } from "../../state/run/resources";
import { Details } from "../resources/details/Details";
import { panelWidth } from "../resources/details/Resizer";
import { Canvas } from "./Canvas";
import { asList, closeSelection, graph, onlyBlocking, selection, shownLines } from "./graphState";
import { GonePanel, LinePanel } from "./LinePanel";
import { ListView } from "./ListView";
import { Toolbar } from "./Toolbar";
import "./graph.css";

function Foot() {
  const { nodes } = graph.value.layout;
  return (
    <>
      <span>{counted(nodes.length, "resource")}</span>
      <span>{counted(shownLines.value.length, "line")}</span>
      <span class="grow" />
      {!asList.value && (
        <>
          <KeyHint keys={["←", "→"]} does="along lines" />
          <KeyHint keys={["Shift", "→"]} does="a line" />
          <KeyHint keys={["Enter"]} does="details" />
          <KeyHint keys={["+", "-", "0"]} does="zoom" />
        </>
      )}
      <AppFacts />
    </>
  );
}

function Picture() {
  if (!resources.loaded.value || !model.value) {
    return (
      <div class="gblank">
        <Patience what="the graph">
          <Skeleton width={240} />
        </Patience>
      </div>
    );
  }
  if (graph.value.layout.nodes.length === 0) {
    return (
      <div class="gblank">
        {onlyBlocking.value ? (
          <EmptyState icon="graph" title="Nothing is held up" text="No resource waits for another now.">
            <Button label="Show everything" onClick={() => setQuery({ show: null })} />
          </EmptyState>
        ) : (
          <EmptyState
            icon="graph"
            title="The app has no resources"
            text="What its file declares appears here."
          />
        )}
      </div>
    );
  }
  return asList.value ? <ListView /> : <Canvas />;
}

function Side() {
  const chosen = selection.value;
  switch (chosen?.kind) {
    case "line":
      return <LinePanel from={chosen.from} to={chosen.to} />;
    case "node":
      return <Details id={chosen.id} onClose={closeSelection} />;
    case "gone":
      return resources.loaded.value ? <GonePanel what={chosen.what} /> : null;
    default:
      return null;
  }
}

/** The page Graph: what needs what, left before right. */
export default function GraphPage() {
  const chosen = selection.value;
  useKeys([
    {
      key: "Escape",
      does: "Close the panel",
      run: () => {
        if (selection.peek()) closeSelection();
      },
    },
  ]);
  const side = chosen === null ? "" : chosen.kind === "node" ? "with node" : "with line";
  return (
    <PageFrame title="Graph" heading="Graph" foot={<Foot />}>
      <div class="gpage">
        <Toolbar />
        <div
          class={`gwrap ${side} ${isStale() ? "stale" : ""}`}
          style={{ "--panel": `${panelWidth.value}px` }}
        >
          <Picture />
          <Side />
        </div>
      </div>
    </PageFrame>
  );
}
