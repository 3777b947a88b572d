import type { ComponentChildren } from "preact";

/** The address of a section within the panel. */
export type SectionName =
  | "why"
  | "waits"
  | "health"
  | "endpoints"
  | "env"
  | "events"
  | "source"
  | "volumes"
  | "properties"
  | "relations";

/** A section of the panel. */
export function Section(props: {
  name: SectionName;
  title: string;
  count?: number;
  right?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <section id={`d-${props.name}`} aria-label={props.title}>
      <div class="sh">
        <h3>
          {props.title} {props.count !== undefined && <span class="quiet">{props.count}</span>}
        </h3>
        {props.right}
      </div>
      {props.children}
    </section>
  );
}
