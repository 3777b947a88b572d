import type { ComponentChildren } from "preact";
import { Icon } from "./marks/Icon";
import type { IconName } from "./marks/icons";

/** What a page or a part of one says when it has nothing to show: why, and what to do. */
export function EmptyState(props: {
  icon: IconName;
  title: string;
  text?: ComponentChildren;
  children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <Icon name={props.icon} size={28} />
      <h2>{props.title}</h2>
      {props.text && <p>{props.text}</p>}
      {props.children}
    </div>
  );
}
