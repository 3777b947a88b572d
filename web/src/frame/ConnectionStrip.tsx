import { retryNow } from "../api/watch";
import { Button } from "../components/Button";
import { Shape } from "../components/marks/Shape";
import { now } from "../state/clock";
import { clock } from "../state/format";
import { connection } from "../state/run/connection";
import { resources } from "../state/run/resources";

/** Says since when the host does not answer, and what to do. Pages put it above their toolbar. */
export function ConnectionStrip() {
  const state = connection.value;
  if (state.kind === "lost") {
    const wait = Math.max(0, Math.ceil(state.retryAt / 1000 - now.value));
    const hasData = resources.loaded.value;
    return (
      <div class="strip t-warn">
        <Shape name="warn" />
        <span>
          <b role="alert">The app host stopped answering at {clock(state.since / 1000)}.</b>
          {hasData && " What you see is from then."}{" "}
          {wait > 0 ? `Trying again in ${wait} s.` : "Trying again."}
        </span>
        <span class="grow" />
        <span class="hide">
          Start it again with <code>fairlead run</code>
        </span>
        <Button label="Try now" small onClick={retryNow} />
      </div>
    );
  }
  if (state.kind !== "refused") return null;
  return (
    <div class="strip t-warn" role="alert">
      <Shape name="warn" />
      <span>
        <b>The app host refuses this page: {state.message}</b> Open the address that <code>fairlead run</code>{" "}
        prints; <code>fairlead ps</code> shows it again.
      </span>
    </div>
  );
}
