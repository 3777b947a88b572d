import type { LogView } from "../../../api/schema";
import { levelLook } from "../../../components/marks/levelLook";
import { Shape } from "../../../components/marks/Shape";
import { preciseClock } from "../../../state/format";
import { writeAddress } from "../../../state/place/address";

/** The structured log entries of a span; each leads to its own page. */
export function SpanLogs({ logs }: { logs: readonly LogView[] }) {
  if (logs.length === 0) return null;
  return (
    <section>
      <h3>Logs in this span</h3>
      <div>
        {logs.map((log) => {
          const { shape, tone, word } = levelLook(log.level);
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
