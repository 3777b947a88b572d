import type { ComponentChildren } from "preact";
import { Shape } from "./marks/Shape";
import type { Look } from "./marks/stateLook";

/** What is wrong, what the program itself said, and what to do. */
export function Callout(props: {
  look: Pick<Look, "shape" | "tone">;
  what: string;
  raw?: string;
  remedy?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class={`call t-${props.look.tone}`}>
      <Shape name={props.look.shape} spins={props.look.shape === "busy"} />
      <div>
        <b>{props.what}</b>
        {props.raw && <code>{props.raw}</code>}
        {props.remedy && <p>{props.remedy}</p>}
        {props.children && <div class="links">{props.children}</div>}
      </div>
    </div>
  );
}
