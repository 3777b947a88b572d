import { Shape } from "../../../components/marks/Shape";

/** The line of a span that has not come yet: the trace goes on, so its bar has an open end. */
export function OpenEnd() {
  return (
    <div class="sp open t-busy" title="The span of the whole comes when it ends">
      <span class="op">
        <Shape name="busy" />
        <span>Still running, with an open end</span>
      </span>
      <span class="tl">
        <span class="bar2" />
      </span>
      <span class="dur" />
    </div>
  );
}
