import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { ask } from "../../../api/client";
import type { ModelVolume, Snapshot } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { KeyValueList } from "../../../components/lists/KeyValueList";
import { copy } from "../../../state/clipboard";
import { clock, fileName } from "../../../state/format";
import { model, modelOf } from "../../../state/run/app";
import { recentEvents } from "../../../state/run/events";
import { addressesOf } from "./addresses";
import { Endpoints } from "./Endpoints";
import { CopyEnvironment, Environment } from "./Environment";
import { Events, FEW } from "./Events";
import { Health } from "./Health";
import { merged } from "./merged";
import { childIds, Relations } from "./Relations";
import { relationsOf } from "./relations";
import { Section, type SectionName } from "./Section";
import { Source } from "./Source";
import { useAnswer } from "./useAnswer";
import { WaitGraph } from "./Waits";
import { hasWhy, Why } from "./Why";

/** A section that has something to say. */
interface Entry {
  name: SectionName;
  label: string;
  body: ComponentChildren;
}

function volumeNote({ kind, read_only }: ModelVolume): string {
  return `${kind === "bind" ? "folder" : "volume"}, ${read_only ? "read only" : "read and write"}`;
}

function Volumes({ volumes }: { volumes: readonly ModelVolume[] }) {
  return (
    <KeyValueList
      entries={volumes.map((volume) => ({
        key: volume.target,
        name: volume.source ?? "unnamed",
        value: volume.target,
        note: volumeNote(volume),
      }))}
    />
  );
}

function waitsNote({ waits }: Snapshot): string {
  const open = waits.filter((wait) => !wait.satisfied).length;
  if (open > 0) return `${open} of ${waits.length} open`;
  const times = waits.flatMap((wait) => wait.since ?? []);
  return times.length > 0 ? `all over at ${clock(Math.max(...times))}` : "all over";
}

/** The sections of a resource, in the order of need; those without content are left out. */
export function useSections(resource: Snapshot): readonly Entry[] {
  const { id, environment, health, reports, waits, properties, starts, declared } = resource;
  const isWhole = useSignal(false);
  const asked = useAnswer(`${id} ${starts}`, (signal) =>
    ask("GET /api/resources/{id}/events", { path: { id }, signal }).then((answer) => answer.events),
  );
  const source = useAnswer(`${id} ${declared?.line ?? ""}`, (signal) =>
    ask("GET /api/resources/{id}/source", { path: { id }, signal }),
  );
  const events = merged(asked ?? [], recentEvents.value, id);
  const shown = isWhole.value ? events : events.slice(0, FEW);
  const own = modelOf(resource.name);
  const relations = relationsOf(resource, model.value, childIds(resource));
  const facts = Object.entries(properties);
  const volumes = own?.volumes ?? [];
  const addresses = addressesOf(resource);
  const place = source ? `${source.file}:${source.line}` : "";
  const entries: readonly (Entry | false)[] = [
    hasWhy(resource) && {
      name: "why",
      label: "Why",
      body: (
        <section id="d-why" aria-label="Why">
          <Why resource={resource} />
        </section>
      ),
    },
    waits.length > 0 && {
      name: "waits",
      label: "Waits",
      body: (
        <Section name="waits" title="Waits" right={<small class="quiet">{waitsNote(resource)}</small>}>
          <WaitGraph resource={resource} />
        </Section>
      ),
    },
    reports.length > 0 &&
      health !== null && {
        name: "health",
        label: "Health",
        body: (
          <Section name="health" title="Health">
            <Health resource={resource} />
          </Section>
        ),
      },
    addresses.length > 0 && {
      name: "endpoints",
      label: "Endpoints",
      body: (
        <Section name="endpoints" title="Endpoints">
          <Endpoints resource={resource} />
        </Section>
      ),
    },
    environment.length > 0 && {
      name: "env",
      label: "Env",
      body: (
        <Section
          name="env"
          title="Environment"
          count={environment.length}
          right={<CopyEnvironment resource={resource} />}
        >
          <Environment resource={resource} />
        </Section>
      ),
    },
    events.length > 0 && {
      name: "events",
      label: "Events",
      body: (
        <Section
          name="events"
          title="Events"
          count={events.length}
          right={
            events.length > FEW && (
              <Button
                label={isWhole.value ? "Fewer" : "All"}
                look="ghost"
                small
                onClick={() => {
                  isWhole.value = !isWhole.value;
                }}
              />
            )
          }
        >
          <Events events={shown} />
        </Section>
      ),
    },
    source !== null &&
      source.lines.length > 0 && {
        name: "source",
        label: "Source",
        body: (
          <Section
            name="source"
            title="Source"
            right={
              <Button
                label={`Copy ${fileName(source.file)}:${source.line}`}
                icon="copy"
                look="ghost"
                small
                onClick={() => void copy(place, "Place")}
              />
            }
          >
            <Source source={source} />
          </Section>
        ),
      },
    volumes.length > 0 && {
      name: "volumes",
      label: "Volumes",
      body: (
        <Section name="volumes" title="Volumes">
          <Volumes volumes={volumes} />
        </Section>
      ),
    },
    facts.length > 0 && {
      name: "properties",
      label: "Properties",
      body: (
        <Section name="properties" title="Properties">
          <KeyValueList entries={facts.map(([key, value]) => ({ key, name: key, value }))} />
        </Section>
      ),
    },
    relations.length > 0 && {
      name: "relations",
      label: "Relations",
      body: (
        <Section name="relations" title="Relations">
          <Relations relations={relations} />
        </Section>
      ),
    },
  ];
  return entries.filter((entry) => entry !== false);
}
