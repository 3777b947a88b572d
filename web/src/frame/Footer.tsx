import { now } from "../state/clock";
import { duration, fileName } from "../state/format";
import { app } from "../state/run/app";

/** What every footer ends with: the app file, how long it has run, and where the keys are listed. */
export function AppFacts() {
  const record = app.value;
  if (!record) return null;
  return (
    <span>
      {[fileName(record.apphost), record.engine, `up ${duration(now.value - record.started)}`]
        .filter((part) => part)
        .join(" · ")}
    </span>
  );
}

/** A key and what it does. */
export function KeyHint({ keys, does }: { keys: readonly string[]; does: string }) {
  return (
    <span class="keyhint">
      {keys.map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}{" "}
      {does}
    </span>
  );
}
