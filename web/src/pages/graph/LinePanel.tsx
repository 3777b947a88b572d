import type { ComponentChildren } from "preact";
import { Button } from "../../components/Button";
import { fileName } from "../../state/format";
import { writeAddress } from "../../state/place/address";
import { commandOf } from "../../state/run/commands";
import { resources } from "../../state/run/resources";
import { Given } from "./Given";
import { closeSelection, lineBetween } from "./graphState";
import { lineWords } from "./lines";
import { Traffic } from "./Traffic";
import { WaitFacts } from "./WaitFacts";

function Panel(props: {
  label: string;
  title: ComponentChildren;
  meta: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <aside class="panel gpanel" aria-label={props.label}>
      <header>
        <div class="ttl">
          <h2 class="cut">{props.title}</h2>
          <Button
            label="Close"
            title="Close (Esc)"
            icon="close"
            iconOnly
            look="ghost"
            onClick={closeSelection}
          />
        </div>
        <div class="meta">{props.meta}</div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <div class="body" tabIndex={0} role="region" aria-label="What the line carries">
        {props.children}
      </div>
    </aside>
  );
}

/** What a link to something that is not in the graph shows. */
export function GonePanel({ what }: { what: string }) {
  return (
    <Panel label="Gone" title="Gone" meta="">
      <p class="quiet">There is no {what}. The app file may have changed since the link was made.</p>
    </Panel>
  );
}

/** What happens to others when the provider stops: what its command would do. */
function IfItStops({ id }: { id: string }) {
  const provider = resources.row(id)?.value;
  const effects = (provider && commandOf(provider, "stop")?.effects) ?? [];
  if (!provider || effects.length === 0) return null;
  return (
    <section>
      <div class="sh">
        <h3>If {provider.name} stops</h3>
      </div>
      {effects.map((effect) => (
        <p key={effect} class="quiet">
          {effect}
        </p>
      ))}
    </section>
  );
}

/** What there is to say of a line: its wait, the variables it gives, its traffic, and what hangs on it. */
export function LinePanel({ from, to }: { from: string; to: string }) {
  const line = lineBetween(from, to);
  const provider = resources.row(from)?.value;
  const consumer = resources.row(to)?.value;
  if (!line || !provider || !consumer) return <GonePanel what={`line from ${from} to ${to}`} />;
  const ends = (
    <>
      <a href={writeAddress("resources", [from])} data-panel>
        {provider.name}
      </a>{" "}
      →{" "}
      <a href={writeAddress("resources", [to])} data-panel>
        {consumer.name}
      </a>
    </>
  );
  return (
    <Panel
      label="Selected line"
      title={ends}
      meta={
        <>
          <span>{lineWords(line)}</span>
          {line.link && line.link.line > 0 && (
            <a
              class="mono"
              href={writeAddress("resources", [to], {}, "source")}
              title={`${line.link.file}:${line.link.line}`}
            >
              {fileName(line.link.file)}:{line.link.line}
            </a>
          )}
        </>
      }
    >
      <WaitFacts line={line} provider={provider} consumer={consumer} />
      {line.link?.values && <Given provider={provider} consumer={consumer} />}
      {provider.type !== "Parameter" && <Traffic from={from} to={to} />}
      <IfItStops id={from} />
    </Panel>
  );
}
