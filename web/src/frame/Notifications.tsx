import { useEffect } from "preact/hooks";
import { Button } from "../components/Button";
import { Shape } from "../components/marks/Shape";
import { Dialog } from "../components/overlays/Dialog";
import { clock } from "../state/format";
import { clearNotifications, markRead, notifications } from "../state/notifications";
import { closeOverlay } from "../state/overlays";

/** The list of the bell: all results since the page was opened, newest first. */
export function Notifications() {
  useEffect(() => markRead, []);
  const all = notifications.value;
  return (
    <Dialog label="Notifications" class="sheet" onClose={closeOverlay}>
      <header>
        <h2>Notifications</h2>
        {all.length > 0 && <Button label="Clear" look="ghost" small onClick={clearNotifications} />}
        <Button label="Close" icon="close" iconOnly look="ghost" small onClick={closeOverlay} />
      </header>
      {all.length === 0 && <p class="none">Nothing yet. Results of commands stay here.</p>}
      <ul class="news">
        {all.map((news) => (
          <li key={news.id} class={news.read ? `t-${news.tone}` : `t-${news.tone} new`}>
            <Shape name={news.tone === "idle" ? "done" : news.tone} spins={news.progress ?? false} />
            <div>
              <b>{news.title}</b>
              {news.text && <p>{news.text}</p>}
              {news.link && (
                <a href={news.link.href} onClick={closeOverlay}>
                  {news.link.label}
                </a>
              )}
            </div>
            <time>{clock(news.time)}</time>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
