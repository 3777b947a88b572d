import type { ComponentChildren } from "preact";
import type { Snapshot } from "../../api/schema";
import { Button } from "../Button";
import { type ScopeCount, ScopeTree } from "../scope/ScopeTree";
import { Dialog } from "./Dialog";

/** What a narrow window has no room for in its toolbar and beside it: some choices, and the resources in view. */
export function ViewSheet(props: {
  counts: ReadonlyMap<string, ScopeCount>;
  only: (resource: Snapshot) => boolean;
  onClose: () => void;
  /** The choices of the page. */
  children: ComponentChildren;
}) {
  return (
    <Dialog label="View" class="sheet viewsheet" onClose={props.onClose}>
      <header>
        <h2>View</h2>
        <Button label="Close" icon="close" iconOnly look="ghost" small onClick={props.onClose} />
      </header>
      <div class="choices">{props.children}</div>
      <ScopeTree counts={props.counts} only={props.only} />
    </Dialog>
  );
}
