import type { LogView } from "../../api/schema";
import { Shape } from "../../components/Shape";
import type { ShapeName } from "../../components/shapes";
import type { Tone } from "../../components/stateLook";
import { writeAddress } from "../../state/address";
import { preciseClock } from "../../state/format";

const LOOKS: Readonly<Record<LogView["level"], readonly [ShapeName, Tone, string]>> = {
  trace: ["idle", "idle", "Trace"],
  debug: ["idle", "idle", "Debug"],
  info: ["active", "idle", "Info"],
  warn: ["warn", "warn", "Warning"],
  error: ["bad", "bad", "Error"],
  fatal: ["bad", "bad", "Fatal"],
};

/** The structured log entries of a span; each leads to its own page. */
export function SpanLogs({ logs }: { logs: readonly LogView[] }) {
  if (logs.length === 0) return null;
  return (
    <section>
      <h3>Logs in this span</h3>
      <div>
        {logs.map((log) => {
          const [shape, tone, word] = LOOKS[log.level];
          return (
            <a key={log.id} class={`evt precise t-${tone}`} href={writeAddress("logs", [String(log.id)])}>
              <time>{preciseClock(log.time)}</time>
              <span title={word}>
                <Shape name={shape} />
                <span class="sr">{word}</span>
              </span>
              <span>{log.message}</span>
            </a>
          );
        })}
      </div>
    </section>
  );
}
