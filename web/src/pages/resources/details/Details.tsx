import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Snapshot } from "../../../api/schema";
import { Shape } from "../../../components/marks/Shape";
import { route, setFragment } from "../../../state/place/route";
import { findPart } from "../../../state/run/replicas";
import { Header } from "./Header";
import { Resizer } from "./Resizer";
import { useSections } from "./sections";

function Panel(props: { resource: Snapshot; gone: boolean; onClose: () => void }) {
  const { resource, gone } = props;
  const body = useRef<HTMLDivElement>(null);
  const at = useSignal<string | null>(null);
  const sections = useSections(resource);
  const names = sections.map((section) => section.name).join();
  const wanted = route.value.fragment;

  function show(name: string): void {
    const section = document.getElementById(`d-${name}`);
    if (!section) return;
    section.scrollIntoView({ block: "start" });
    at.value = name;
  }

  useEffect(() => {
    if (wanted !== "" && wanted !== at.peek()) show(wanted);
  }, [wanted, names, resource.id]);

  /** Which section is at the top. */
  function scrolled(): void {
    const element = body.current;
    if (!element) return;
    const edge = element.getBoundingClientRect().top + 40;
    const passed = sections.filter(({ name }) => {
      const section = document.getElementById(`d-${name}`);
      return section !== null && section.getBoundingClientRect().top <= edge;
    });
    const isAtEnd =
      element.scrollTop > 0 && element.scrollTop + element.clientHeight >= element.scrollHeight - 2;
    // What is at the end can't come to the top: what was asked for counts as reached.
    if (isAtEnd && at.peek() !== null && !passed.some(({ name }) => name === at.peek())) return;
    at.value = passed.at(-1)?.name ?? sections[0]?.name ?? null;
  }

  function follow(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest("a[href^='#d-']") : null;
    const name = link?.getAttribute("href")?.slice(3);
    if (!name) return;
    event.preventDefault();
    setFragment(name);
    show(name);
  }

  const current = at.value ?? sections[0]?.name;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the links in it are what is pressed
    <aside class={gone ? "panel stale" : "panel"} aria-label={`Details of ${resource.name}`} onClick={follow}>
      <Resizer />
      {gone && (
        <div class="strip t-idle">
          <Shape name="idle" />
          <span>
            <b>{resource.name} is gone.</b> What you see is what was known of it last.
          </span>
        </div>
      )}
      <Header resource={resource} onClose={props.onClose} />
      <nav class="jump" aria-label="Sections of the details">
        {sections.map(({ name, label }) => (
          <a key={name} href={`#d-${name}`} aria-current={name === current ? "true" : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <div ref={body} class="body" tabIndex={0} role="region" aria-label="Details" onScroll={scrolled}>
        {sections.map(({ name, body: content }) => (
          <div key={name} class="part">
            {content}
          </div>
        ))}
        {sections.length === 0 && <p class="quiet">There is nothing else to say of it.</p>}
      </div>
    </aside>
  );
}

/** The details of a resource, on the page that has them at its side. A resource that goes while they are open stays in
 * view, and says so. */
export function Details({ id, onClose }: { id: string; onClose: () => void }) {
  const last = useRef<Snapshot | null>(null);
  const resource = findPart(id);
  if (resource) last.current = resource;
  else if (last.current?.id !== id) last.current = null;
  if (!last.current) return null;
  return <Panel key={id} resource={last.current} gone={resource === undefined} onClose={onClose} />;
}
