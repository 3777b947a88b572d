// The styles that all pages share come before those of the pages, which are imported below.
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/state.css";
import "./styles/table.css";
import "./styles/panels.css";
import "./styles/scope.css";
import "./styles/notices.css";
import "./styles/overlays.css";
import "./styles/frame.css";

import { render } from "preact";
import { toProblem } from "./api/problem";
import { watch } from "./api/watch";
import { App } from "./frame/App";
import { registerFrameKeys } from "./frame/frameKeys";
import { startClock } from "./state/clock";
import { startKeys } from "./state/keys";
import { startRoute } from "./state/place/route";
import { readToken } from "./state/place/token";
import { checkRun, loadApp } from "./state/run/app";
import { connection } from "./state/run/connection";
import { applySettings } from "./state/settings";

/** Ask what runs, again each time that the host is back. */
function load(): void {
  loadApp().catch((error: unknown) => {
    const problem = toProblem(error);
    if (problem.status === 401 || problem.status === 403)
      connection.value = { kind: "refused", message: problem.message };
  });
}

readToken();
startRoute();
applySettings();
startClock();
startKeys();
registerFrameKeys();
load();
watch(() => checkRun().then(load, load));
render(<App />, document.body);
