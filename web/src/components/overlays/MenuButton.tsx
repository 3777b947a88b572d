import { type MenuItem, openMenu } from "../../state/menu";
import { Button, type ButtonProps } from "../Button";

/** A button with further actions. The entries are asked for anew as long as the menu is open. */
export function MenuButton(
  props: Pick<ButtonProps, "label" | "small" | "tabIndex" | "title" | "look" | "class" | "pressed"> & {
    icon?: ButtonProps["icon"];
    iconOnly?: boolean;
    /** What the menu is called; the label of the button unless given. */
    menuLabel?: string;
    items: () => readonly MenuItem[];
  },
) {
  const { items, menuLabel, icon = "more", iconOnly = true, look = "ghost", ...rest } = props;
  return (
    <Button
      {...rest}
      icon={icon}
      iconOnly={iconOnly}
      look={look}
      popup="menu"
      onClick={(event) => {
        if (event.currentTarget instanceof Element)
          openMenu(menuLabel ?? props.label, event.currentTarget, items);
      }}
    />
  );
}
