import { useEffect, useRef } from "preact/hooks";
import { dismiss, type Notification, notifications, toasts } from "../../state/notifications";
import { Button } from "../Button";
import { Shape } from "../marks/Shape";
import type { ShapeName } from "../marks/shapes";
import type { Tone } from "../marks/stateLook";

/** Milliseconds that a toast stays, unless it failed, goes on, or is hovered. */
const STAYS = 6000;

const SHAPE_OF: Record<Tone, ShapeName> = {
  ok: "ok",
  busy: "busy",
  wait: "wait",
  warn: "warn",
  bad: "bad",
  idle: "done",
};

function Toast({ news }: { news: Notification }) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const leaves = news.tone !== "bad" && !news.progress;
  const stay = () => clearTimeout(timer.current);
  const leave = () => {
    stay();
    if (leaves) timer.current = setTimeout(() => dismiss(news.id), STAYS);
  };
  useEffect(() => {
    leave();
    return stay;
  }, [news]);
  return (
    <div
      class={`toast t-${news.tone}`}
      role={news.tone === "bad" ? "alert" : "status"}
      onPointerEnter={stay}
      onPointerLeave={leave}
      onFocusCapture={stay}
      onBlurCapture={leave}
    >
      <Shape name={SHAPE_OF[news.tone]} spins={news.progress ?? false} />
      <div>
        <b>{news.title}</b>
        {news.text && <p>{news.text}</p>}
      </div>
      {news.link ? (
        <Button label={news.link.label} href={news.link.href} small onClick={() => dismiss(news.id)} />
      ) : (
        <span />
      )}
      <Button label="Dismiss" icon="close" iconOnly look="ghost" small onClick={() => dismiss(news.id)} />
    </div>
  );
}

/** The toasts, in the top layer, so that they are above a dialog too. */
export function Toasts() {
  const box = useRef<HTMLDivElement>(null);
  const shown = toasts.value.flatMap((id) => notifications.value.find((each) => each.id === id) ?? []);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    // Shown again with each new one: the last that enters the top layer is above the others.
    if (element.matches(":popover-open")) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown.map((each) => each.id).join()]);
  return (
    <div ref={box} class="toasts" popover="manual" role="region" aria-label="Notifications">
      {shown.map((news) => (
        <Toast key={news.id} news={news} />
      ))}
    </div>
  );
}
