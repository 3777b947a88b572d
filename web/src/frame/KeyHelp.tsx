import { Button } from "../components/Button";
import { Dialog } from "../components/overlays/Dialog";
import { closeOverlay } from "../state/overlays";
import { PAGES } from "../state/place/pages";
import { singleKeys } from "../state/settings";

const GROUPS: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  [
    "Everywhere",
    [
      ["Ctrl K", "Search resources, commands, pages"],
      ["/", "The page's search"],
      ["Esc", "Close the topmost thing"],
      ["?", "This list"],
    ],
  ],
  [
    "Tables and trees",
    [
      ["↑ ↓", "Move"],
      ["Home End", "To the first, to the last"],
      ["← →", "Fold, unfold, go to the parent"],
      ["Enter", "Open details"],
    ],
  ],
  [
    "The chosen resource",
    [
      ["r", "Restart"],
      ["s", "Stop or start"],
      ["l", "Console"],
      ["u", "Open its URL"],
      [".", "Menu"],
    ],
  ],
  [
    "Graph",
    [
      ["← →", "Along the lines"],
      ["↑ ↓", "Within the column"],
      ["Shift →", "Open a line, then the next one"],
      ["+ - 0", "Enlarge, shrink, fit"],
    ],
  ],
  [
    "Cluster",
    [
      ["l", "Log of the pod or workload"],
      ["d", "Describe it"],
    ],
  ],
  [
    "Console, logs and traces",
    [
      ["f", "Follow or pause"],
      ["n Shift n", "Next match, the one before"],
      ["e", "Next error"],
      ["j k", "Next entry or trace, the one before"],
      ["x", "Trace of this entry"],
    ],
  ],
  [
    "Metrics",
    [
      ["← →", "Move the time that all charts point out"],
      ["f", "Follow or pause"],
    ],
  ],
];

function Keys({ keys }: { keys: string }) {
  return (
    <>
      {keys.split(" ").map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </>
  );
}

/** All keys of the page. */
export function KeyHelp() {
  const pages = PAGES.map((page) => [`g ${page.key}`, page.label] as const);
  return (
    <Dialog label="Keys" class="sheet keys" onClose={closeOverlay}>
      <header>
        <h2>Keys</h2>
        <Button label="Close" icon="close" iconOnly look="ghost" small onClick={closeOverlay} />
      </header>
      {!singleKeys.value && <p class="none">Single letters are switched off in the settings.</p>}
      <div class="keygroups">
        {[...GROUPS, ["Pages", pages] as const].map(([title, keys]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, does]) => (
                <div key={key}>
                  <dt>
                    <Keys keys={key} />
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
