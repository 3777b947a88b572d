import type { Snapshot } from "../../api/schema";
import { Shape } from "../../components/marks/Shape";
import { type GraphLine, waitsOf } from "./lines";
import { waitFacts } from "./waitText";

/** The waits that a line stands for: over since when, or why they go on. */
export function WaitFacts(props: { line: GraphLine; provider: Snapshot; consumer: Snapshot }) {
  const { line, provider, consumer } = props;
  const facts = waitFacts(waitsOf(provider.name, consumer), consumer, (line.link?.waits.length ?? 0) > 0);
  if (facts.length === 0) return null;
  return (
    <section>
      <div class="sh">
        <h3>{facts.length > 1 ? "Waits" : "Wait"}</h3>
      </div>
      {facts.map(({ look, text }) => (
        <p key={text} class={`gfact t-${look.tone}`}>
          <Shape name={look.shape} />
          <span>{text}</span>
        </p>
      ))}
    </section>
  );
}
