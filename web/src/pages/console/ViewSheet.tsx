import type { LogLevel } from "../../api/schema";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { type ScopeCount, ScopeTree } from "../../components/ScopeTree";
import { type ConsoleActions, LevelFilter, LineButtons, TimeFilter } from "./ConsoleBar";
import { hasLog } from "./inView";

/** What a narrow window has no room for in its toolbar: levels, times, and the resources in view. */
export function ViewSheet(props: {
  levels: ReadonlySet<LogLevel>;
  onToggle: (level: LogLevel) => void;
  actions: ConsoleActions;
  counts: ReadonlyMap<string, ScopeCount>;
  onClose: () => void;
}) {
  return (
    <Dialog label="View" class="sheet viewsheet" onClose={props.onClose}>
      <header>
        <h2>View</h2>
        <Button label="Close" icon="close" iconOnly look="ghost" small onClick={props.onClose} />
      </header>
      <div class="choices">
        <LevelFilter shown={props.levels} onToggle={props.onToggle} />
        <TimeFilter />
        <LineButtons {...props.actions} iconOnly={false} />
      </div>
      <ScopeTree counts={props.counts} only={hasLog} />
    </Dialog>
  );
}
