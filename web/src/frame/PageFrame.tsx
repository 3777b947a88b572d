import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { app } from "../state/run/app";
import { connection } from "../state/run/connection";
import { ConnectionStrip } from "./ConnectionStrip";
import { DefinitionStrip } from "./DefinitionStrip";

/** What each page has: its title, its heading, the strip when the host is gone, and one footer. What is between is one
 * element, which the page lays out: a toolbar (`.bar`) and what scrolls.
 * @param props.title What the document is called, in front of the app's name.
 * @param props.shown Whether the page draws its heading itself, as `h1`. */
export function PageFrame(props: {
  title: string;
  heading: string;
  class?: string;
  shown?: boolean;
  foot?: ComponentChildren;
  children: ComponentChildren;
}) {
  const main = useRef<HTMLElement>(null);
  const name = app.value?.name;
  useEffect(() => {
    document.title = [props.title, name, "Fairlead"].filter((part) => part).join(" · ");
  }, [props.title, name]);
  useEffect(() => {
    // A page change moves the focus, so that a reader of the page begins at its top.
    const active = document.activeElement;
    if (active !== document.body && !active?.closest("header.top, .tabbar")) return;
    const heading = main.current?.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }, []);
  return (
    <main id="main" ref={main} class={`framed ${props.class ?? ""}`}>
      {!props.shown && <h1 class="sr">{props.heading}</h1>}
      {connection.value.kind === "live" ? <DefinitionStrip /> : <ConnectionStrip />}
      {props.children}
      {props.foot && <div class="foot">{props.foot}</div>}
    </main>
  );
}
