import { useEffect, useMemo } from "preact/hooks";
import { ask } from "../../api/client";
import type { EdgeTraffic } from "../../api/schema";
import { KeyValueList } from "../../components/lists/KeyValueList";
import { Sparkline } from "../../components/marks/Sparkline";
import { Fetched } from "../../state/fetched";
import { measured } from "../../state/format";
import { writeAddress } from "../../state/place/address";

/** Milliseconds after which the traffic is asked for again. */
const PAUSE = 5000;
const WORDS: Readonly<Record<EdgeTraffic["kind"], string>> = {
  statements: "Statements",
  requests: "Requests",
  commands: "Commands",
};

function rateText(rate: number): string {
  if (rate >= 10) return `${Math.round(rate)} /s`;
  return rate >= 0.1 ? `${rate.toFixed(1)} /s` : `${(rate * 60).toFixed(1)} /min`;
}

function Numbers({ traffic }: { traffic: EdgeTraffic }) {
  if (traffic.p90 === null) return <p class="quiet">No spans of calls between the two.</p>;
  const points = traffic.points.map(({ value }) => value ?? 0);
  return (
    <KeyValueList
      class="traffic"
      entries={[
        {
          key: "rate",
          name: WORDS[traffic.kind],
          value: rateText(traffic.rate),
          note: <Sparkline values={points} width={64} height={16} />,
        },
        { key: "p90", name: "Duration, p90", value: measured(traffic.p90) },
        { key: "failed", name: "Failed", value: String(traffic.failed) },
      ]}
    />
  );
}

/** What the traces tell of the calls between two resources. */
export function Traffic({ from, to }: { from: string; to: string }) {
  const traffic = useMemo(
    () => new Fetched(() => ask("GET /api/telemetry/edges", { query: { from, to } })),
    [from, to],
  );
  useEffect(() => {
    void traffic.refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void traffic.refresh();
    }, PAUSE);
    return () => clearInterval(timer);
  }, [traffic]);
  const data = traffic.data.value;
  if (!data) return null;
  return (
    <section>
      <div class="sh">
        <h3>Traffic in the last 5 min</h3>
        <a href={writeAddress("traces", [], { r: `${from},${to}` })}>Traces</a>
      </div>
      <Numbers traffic={data} />
    </section>
  );
}
