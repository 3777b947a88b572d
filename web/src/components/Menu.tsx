import { useId, useRef } from "preact/hooks";
import { Button } from "./Button";
import { Icon } from "./Icon";
import type { IconName } from "./icons";
import { movedIndex } from "./movedIndex";

/** An entry of a menu: it leads somewhere or does something. */
export interface MenuItem {
  label: string;
  icon?: IconName;
  /** Where it leads; it is a link then. */
  href?: string;
  /** Why it can't be chosen now, in words; empty when it can. */
  whyOff?: string;
  run?: () => void;
}

/** The distance of the menu from its button and from the edges of the window, in pixels. */
const GAP = 4;

/** Put a menu below its button, or above it where there is no room. */
function place(menu: HTMLElement, button: HTMLElement): void {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const fits = bottom + GAP + menu.offsetHeight < innerHeight;
  menu.style.top = `${Math.max(GAP, fits ? bottom + GAP : top - GAP - menu.offsetHeight)}px`;
  const wished = right - menu.offsetWidth;
  menu.style.left = `${Math.min(Math.max(GAP, wished < GAP ? left : wished), innerWidth - menu.offsetWidth - GAP)}px`;
}

function Item({ item, close }: { item: MenuItem; close: () => void }) {
  const inside = (
    <>
      {item.icon ? <Icon name={item.icon} size={14} /> : <span />}
      <span>
        {item.label}
        {item.whyOff && <small>{item.whyOff}</small>}
      </span>
    </>
  );
  if (item.href !== undefined && !item.whyOff) {
    return (
      <a role="menuitem" tabIndex={-1} href={item.href} onClick={close}>
        {inside}
      </a>
    );
  }
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      aria-disabled={item.whyOff ? true : undefined}
      onClick={() => {
        if (item.whyOff) return;
        close();
        item.run?.();
      }}
    >
      {inside}
    </button>
  );
}

/** A button with further actions. It lies in the top layer, so that nothing cuts it. */
export function Menu(props: {
  label: string;
  items: readonly MenuItem[];
  small?: boolean;
  icon?: IconName;
  tabIndex?: number;
}) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);

  function entries(): HTMLElement[] {
    return [...(menu.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  }

  function close(): void {
    menu.current?.hidePopover();
    button.current?.focus();
  }

  function moved(event: KeyboardEvent): void {
    const all = entries();
    const at = all.findIndex((entry) => entry.contains(document.activeElement));
    const next = movedIndex(event.key, at, all.length);
    // The keys of the page and of the row below don't count while the menu is open.
    event.stopPropagation();
    if (next === undefined && event.key !== "Tab") return;
    event.preventDefault();
    if (next === undefined) close();
    else all[next]?.focus();
  }

  function toggled(isOpen: boolean): void {
    button.current?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen || !menu.current || !button.current) return;
    place(menu.current, button.current);
    entries()[0]?.focus();
  }

  return (
    <>
      <div
        ref={menu}
        id={id}
        class="menu"
        role="menu"
        popover="auto"
        aria-label={props.label}
        onKeyDown={moved}
        onToggle={(event) => toggled(event.newState === "open")}
      >
        {props.items.map((item) => (
          <Item key={item.label} item={item} close={close} />
        ))}
      </div>
      <Button
        buttonRef={button}
        label={props.label}
        icon={props.icon ?? "more"}
        iconOnly
        small={props.small ?? false}
        look="ghost"
        popup="menu"
        expanded={false}
        tabIndex={props.tabIndex ?? 0}
        onClick={() => menu.current?.togglePopover()}
      />
    </>
  );
}
