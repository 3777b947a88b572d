import { signal } from "@preact/signals";
import type { IconName } from "../components/marks/icons";

/** An entry of a menu. */
export interface MenuItem {
  label: string;
  icon?: IconName;
  /** The key that does the same. */
  key?: string;
  /** Why it is off; it is said below its label. */
  whyOff?: string;
  /** Whether it is ticked, for one that can be. It leaves the menu open. */
  checked?: boolean;
  /** Whether a line is drawn above it. */
  apart?: boolean;
  /** Where it leads. */
  href?: string;
  run?: () => void;
}

/** A menu that is open. */
export interface OpenMenu {
  label: string;
  items: () => readonly MenuItem[];
  /** Where: below what was pressed, or at the pointer. */
  at: { left: number; top: number; bottom: number; right: number };
  /** What gets the focus back. */
  opener: Element | null;
}

/** The menu that is open. */
export const menu = signal<OpenMenu | null>(null);

function openAt(label: string, items: OpenMenu["items"], at: OpenMenu["at"]): void {
  menu.value = { label, items, at, opener: document.activeElement };
}

/** Open a menu below an element. */
export function openMenu(label: string, element: Element, items: () => readonly MenuItem[]): void {
  openAt(label, items, element.getBoundingClientRect());
}

/** Open a menu at the pointer. */
export function openMenuAt(label: string, event: MouseEvent, items: () => readonly MenuItem[]): void {
  event.preventDefault();
  const { clientX, clientY } = event;
  openAt(label, items, { left: clientX, right: clientX, top: clientY, bottom: clientY });
}
