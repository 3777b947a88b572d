import type { LogView } from "../../../api/schema";
import { levelLook } from "../../../components/marks/levelLook";
import { Shape } from "../../../components/marks/Shape";
import { preciseClock } from "../../../state/format";
import { entryAddress, senderName } from "../words";

/** What the same instance told before an entry; each leads to its own drawer. */
export function JustBefore({ entry, before }: { entry: LogView; before: readonly LogView[] }) {
  if (before.length === 0) return null;
  return (
    <section>
      <h3>Just before, in {senderName(entry)}</h3>
      <div>
        {before.map((each) => {
          const { shape, tone, word } = levelLook(each.level);
          return (
            <a key={each.id} class={`evt precise t-${tone}`} href={entryAddress(each.id)} data-panel="">
              <time>{preciseClock(each.time)}</time>
              <span title={word}>
                <Shape name={shape} />
                <span class="sr">{word}</span>
              </span>
              <span>{each.message}</span>
            </a>
          );
        })}
      </div>
    </section>
  );
}
