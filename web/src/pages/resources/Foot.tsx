import { Shape } from "../../components/marks/Shape";
import { AppFacts, KeyHint } from "../../frame/Footer";
import { counted } from "../../state/format";
import { causes } from "../../state/run/causes";
import { resources } from "../../state/run/resources";
import { counts } from "./tableState";

function Totals() {
  const { all, running, waiting } = counts.value;
  const needs = causes.value.length;
  return (
    <>
      <span>{counted(all, "resource")}</span>
      {running > 0 && (
        <span class="t-ok">
          <Shape name="ok" />
          {running} running
        </span>
      )}
      {needs > 0 && (
        <span class="t-warn">
          <Shape name="warn" />
          {needs} need{needs === 1 ? "s" : ""} you
        </span>
      )}
      {waiting > 0 && (
        <span class="t-wait">
          <Shape name="wait" />
          {waiting} waiting
        </span>
      )}
    </>
  );
}

/** The footer: totals, the app, keys. */
export function Foot() {
  return (
    <>
      {resources.loaded.value ? <Totals /> : <span>Reading the app file</span>}
      <span class="grow" />
      <AppFacts />
      <KeyHint keys={["↑", "↓"]} does="move" />
      <KeyHint keys={["Enter"]} does="details" />
      <KeyHint keys={["?"]} does="all keys" />
    </>
  );
}
