import type { AttributeView, LogView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { CopyButton } from "../../../components/CopyButton";
import { levelLook } from "../../../components/marks/levelLook";
import { Tag } from "../../../components/marks/Tag";
import { StackTrace } from "../../../components/stack/StackTrace";
import { Gone } from "../../../frame/Gone";
import { dateAndClock, preciseClock } from "../../../state/format";
import { isPinned, togglePin } from "../pinned";
import { consoleAddress, listAddress, senderClass, senderName } from "../words";
import { EntryAttributes } from "./EntryAttributes";
import { EntryTrace } from "./EntryTrace";
import { JustBefore } from "./JustBefore";
import { entryProblem, entryTrace, justBefore, openedEntry } from "./openEntry";

function Head({ entry, onClose }: { entry: LogView; onClose: () => void }) {
  const look = levelLook(entry.level);
  return (
    <>
      <div class="ttl">
        <h2 title={entry.message}>{entry.message}</h2>
        <CopyButton label="Copy the message" text={entry.message} />
        <Button
          label={isPinned(entry.id) ? "Unpin entry" : "Pin entry"}
          icon="pin"
          iconOnly
          look="ghost"
          pressed={isPinned(entry.id)}
          onClick={() => togglePin(entry)}
        />
        <Button label="Close" icon="close" iconOnly look="ghost" onClick={onClose} />
      </div>
      <div class={`meta ${senderClass(entry)}`}>
        <Tag tone={look.tone} shape={look.shape}>
          {look.word}
        </Tag>
        <b>{senderName(entry)}</b>
        <a
          class="mono quiet"
          href={consoleAddress(entry)}
          title={`${dateAndClock(entry.time)}. Console at this time.`}
        >
          {preciseClock(entry.time)}
        </a>
        {entry.scope && <span class="mono quiet cut">{entry.scope}</span>}
      </div>
    </>
  );
}

function Exception({ exception }: Pick<LogView, "exception">) {
  if (!exception) return null;
  return (
    <section>
      <h3>Exception</h3>
      <StackTrace frames={exception.frames} exception={exception} />
    </section>
  );
}

/** The attributes of an entry, without those that its exception has told. */
function ownAttributes({ attributes, exception }: LogView): readonly AttributeView[] {
  return exception ? attributes.filter(({ name }) => !name.startsWith("exception.")) : attributes;
}

/** What there is to say of an entry, in the order of need. */
export function EntryDrawer({ id, onClose }: { id: number; onClose: () => void }) {
  const entry = openedEntry.value?.id === id ? openedEntry.value : null;
  if (!entry) {
    return (
      <aside class="drawer" aria-label="Entry">
        {entryProblem.value && (
          <Gone
            icon="logs"
            what="such entry"
            text={entryProblem.value.message}
            label="All entries"
            href={listAddress()}
          />
        )}
      </aside>
    );
  }
  return (
    <aside class="drawer" aria-label="Entry">
      <Head entry={entry} onClose={onClose} />
      <EntryTrace entry={entry} document={entryTrace.value} />
      <Exception exception={entry.exception} />
      <EntryAttributes title="Attributes" attributes={ownAttributes(entry)} />
      <EntryAttributes title="Resource" attributes={entry.sender} />
      <JustBefore entry={entry} before={justBefore.value} />
    </aside>
  );
}
