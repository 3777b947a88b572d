import type { ComponentChildren, Ref } from "preact";
import { Icon } from "./marks/Icon";
import type { IconName } from "./marks/icons";
import { Shape } from "./marks/Shape";

/** What a button is and does. */
export interface ButtonProps {
  label: string;
  icon?: IconName;
  /** `primary` once per view; `danger` for what loses something. */
  look?: "plain" | "primary" | "ghost" | "danger";
  small?: boolean;
  /** Show the icon alone; the label is its name and its tooltip. */
  iconOnly?: boolean;
  /** What is drawn in place of the label, such as a label with a count. */
  children?: ComponentChildren;
  /** Where it leads; it is a link then. */
  href?: string;
  /** Why it can't be used now, in words; empty when it can. */
  whyOff?: string | undefined;
  /** Whether what it does is being done; it keeps its width. */
  busy?: boolean;
  /** Whether it is on, for one that turns something on and off. */
  pressed?: boolean;
  /** A tooltip, where the label does not say all. */
  title?: string;
  tabIndex?: number;
  type?: "button" | "submit";
  class?: string;
  expanded?: boolean;
  popup?: "menu" | "dialog" | "listbox";
  describedBy?: string;
  autofocus?: boolean;
  buttonRef?: Ref<HTMLButtonElement>;
  onClick?: (event: MouseEvent) => void;
}

function className(props: ButtonProps): string {
  const { look = "plain", small, iconOnly } = props;
  const names = ["btn", look === "plain" ? "" : look, small ? "small" : "", iconOnly ? "icon" : ""];
  return [...names, props.busy ? "busy" : "", props.class ?? ""].filter((name) => name !== "").join(" ");
}

/** A button, or a link that looks like one. When it is off, it says why. */
export function Button(props: ButtonProps) {
  const { label, icon, iconOnly = false, href, whyOff = "", busy = false } = props;
  const title = whyOff || props.title || (iconOnly ? label : undefined);
  const inside = (
    <>
      {icon && <Icon name={icon} />}
      {!iconOnly && <span>{props.children ?? label}</span>}
      {busy && <Shape name="busy" spins />}
    </>
  );
  const common = {
    class: className(props),
    title,
    tabIndex: props.tabIndex,
    "aria-label": iconOnly || busy ? label : undefined,
  };
  if (href !== undefined && whyOff === "") {
    return (
      <a {...common} href={href} onClick={props.onClick}>
        {inside}
      </a>
    );
  }
  return (
    <button
      {...common}
      ref={props.buttonRef}
      type={props.type ?? "button"}
      disabled={whyOff !== "" || busy}
      aria-busy={busy || undefined}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup}
      aria-describedby={props.describedBy}
      autofocus={props.autofocus}
      onClick={props.onClick}
    >
      {inside}
    </button>
  );
}
