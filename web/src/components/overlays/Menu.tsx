import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { type MenuItem, menu, type OpenMenu } from "../../state/menu";
import { open } from "../../state/place/route";
import { Icon } from "../marks/Icon";
import { movedIndex } from "./movedIndex";

const EDGE = 8;

/** Put a menu below what it belongs to, or above where there is no room. */
function place(element: HTMLElement, { left, right, top, bottom }: OpenMenu["at"]): void {
  const { offsetWidth: width, offsetHeight: height } = element;
  const x = left + width + EDGE > innerWidth ? Math.max(EDGE, right - width) : left;
  const y = bottom + height + EDGE > innerHeight ? Math.max(EDGE, top - height - 2) : bottom + 2;
  element.style.left = `${Math.min(x, innerWidth - width - EDGE)}px`;
  element.style.top = `${y}px`;
}

function Entry({ item, onDone }: { item: MenuItem; onDone: () => void }) {
  const off = item.whyOff ? item.whyOff : "";
  function choose(): void {
    if (off) return;
    if (item.checked === undefined) onDone();
    if (item.run) item.run();
    else if (item.href?.startsWith("/")) open(item.href);
    else if (item.href) window.open(item.href, "_blank", "noopener");
  }
  return (
    <button
      type="button"
      role={item.checked === undefined ? "menuitem" : "menuitemcheckbox"}
      aria-checked={item.checked}
      aria-disabled={off !== "" || undefined}
      class={item.apart ? "apart" : undefined}
      tabIndex={-1}
      onClick={choose}
    >
      <span>{item.checked ? <Icon name="check" /> : item.icon && <Icon name={item.icon} />}</span>
      <span class="cut">
        {item.label}
        {off && <small>{off}</small>}
      </span>
      {item.key && <kbd aria-hidden="true">{item.key}</kbd>}
    </button>
  );
}

function Opened({ opened }: { opened: OpenMenu }) {
  const box = useRef<HTMLDivElement>(null);
  const items = opened.items();

  function entries(): HTMLElement[] {
    return [...(box.current?.querySelectorAll("button") ?? [])];
  }
  function close(): void {
    menu.value = null;
  }

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    element.showPopover();
    place(element, opened.at);
    entries()[0]?.focus();
  }, [opened]);
  useEffect(
    () => () => {
      const { opener } = opened;
      const isLost = !document.activeElement || document.activeElement === document.body;
      if (isLost && opener instanceof HTMLElement) opener.focus();
    },
    [],
  );

  function keyDown(event: KeyboardEvent): void {
    const all = entries();
    const at = all.findIndex((each) => each.matches(":focus"));
    const to = movedIndex(event.key, at, all.length);
    if (to !== undefined) all[to]?.focus();
    else if (event.key === "Tab") close();
    else if (event.key.length === 1 && /\w/.test(event.key)) typed(all, at, event.key);
    else if (event.key !== "Escape") return;
    if (event.key === "Escape") close();
    event.preventDefault();
    event.stopPropagation();
  }

  function typed(all: readonly HTMLElement[], at: number, letter: string): void {
    const order = [...all.slice(at + 1), ...all.slice(0, at + 1)];
    order.find((each) => each.textContent?.trim().toLowerCase().startsWith(letter.toLowerCase()))?.focus();
  }

  return (
    <div
      ref={box}
      class="menu"
      role="menu"
      tabIndex={-1}
      aria-label={opened.label}
      popover="auto"
      onKeyDown={keyDown}
      onToggle={(event) => {
        if (event.newState === "closed" && menu.peek() === opened) close();
      }}
    >
      {items.map((item) => (
        <Entry key={item.label} item={item} onDone={close} />
      ))}
    </div>
  );
}

/** The menu that is open, in the top layer; the focus returns to where it was. */
export function Menu() {
  const opened = menu.value;
  if (!opened) return null;
  return (
    <section aria-label={opened.label}>
      <Opened key={opened.label} opened={opened} />
    </section>
  );
}
