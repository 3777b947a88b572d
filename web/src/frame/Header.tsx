import { Button } from "../components/Button";
import { Icon } from "../components/marks/Icon";
import { Shape } from "../components/marks/Shape";
import { unread } from "../state/notifications";
import { overlay } from "../state/overlays";
import { app } from "../state/run/app";
import { connection } from "../state/run/connection";
import { nextTheme, theme } from "../state/settings";
import { Mark } from "./Mark";
import { PageLink } from "./PageLink";
import { shownPages } from "./pageState";

function LiveState() {
  switch (connection.value.kind) {
    case "connecting":
      return <Live tone="busy" word="Connecting" />;
    case "live":
      return <Live tone="ok" word="Live" />;
    default:
      return <Live tone="warn" word="Disconnected" />;
  }
}

function Live({ tone, word }: { tone: "busy" | "ok" | "warn"; word: string }) {
  return (
    <span class={`live t-${tone}`} role="status" title={word}>
      <Shape name={tone} spins={tone === "busy"} />
      <span>{word}</span>
    </span>
  );
}

/** The header: the app, the pages, the connection, search, notifications, theme. */
export function Header() {
  const news = unread.value;
  return (
    <header class="top">
      <a class="brand" href="/resources">
        <span class="sr">Fairlead, app </span>
        <Mark />
        <b>{app.value?.name ?? ""}</b>
        {app.value?.branch && (
          <span class="branch cut" title={`Git branch ${app.value.branch}`}>
            {app.value.branch}
          </span>
        )}
      </a>
      <nav aria-label="Pages">
        {shownPages.value.map((page) => (
          <PageLink key={page.name} page={page} />
        ))}
      </nav>
      <div class="tools">
        <LiveState />
        <button
          type="button"
          class="find"
          title="Search or run (Ctrl K)"
          aria-haspopup="dialog"
          onClick={() => {
            overlay.value = "palette";
          }}
        >
          <Icon name="search" />
          <span>Search or run</span>
          <kbd aria-hidden="true">Ctrl K</kbd>
        </button>
        <span class="belled">
          <Button
            label={news > 0 ? `Notifications, ${news} unread` : "Notifications"}
            icon="bell"
            iconOnly
            look="ghost"
            popup="dialog"
            onClick={() => {
              overlay.value = "notifications";
            }}
          />
          {news > 0 && <i class="dot" />}
        </span>
        <Button
          label={`Theme: ${theme.value}`}
          icon="theme"
          iconOnly
          look="ghost"
          class="theme"
          onClick={() => {
            theme.value = nextTheme(theme.value);
          }}
        />
      </div>
    </header>
  );
}
