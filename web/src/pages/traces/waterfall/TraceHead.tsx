import { addressOf, request } from "../../../api/client";
import { toProblem } from "../../../api/problem";
import type { TraceView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { CopyButton, copyText } from "../../../components/CopyButton";
import { Tag } from "../../../components/marks/Tag";
import { counted, measured, preciseClock } from "../../../state/format";
import { notify } from "../../../state/notifications";
import { writeAddress } from "../../../state/place/address";
import { resourceName } from "../../../state/run/resources";
import { seriesClass } from "../../../state/run/series";
import { shortId } from "../traceWords";
import { download } from "./download";
import { traceLogs } from "./openTrace";

async function exportTrace(id: string): Promise<void> {
  try {
    const address = addressOf("GET /api/telemetry/traces/{trace}/export", { path: { trace: id } });
    const response = await request("GET", address);
    download(await response.blob(), `trace-${id}.json`);
  } catch (error) {
    const { message, remedy } = toProblem(error);
    notify({
      tone: "bad",
      title: "The trace was not exported",
      text: [message, remedy].filter(Boolean).join(" "),
    });
  }
}

async function copyId(id: string): Promise<void> {
  if (await copyText("Copy trace id", id)) notify({ tone: "ok", title: "Trace id copied", text: id });
}

/** What a trace is: name, id, how long, when, its resources; with what can be done with it. */
export function TraceHead({ trace, listHref }: { trace: TraceView; listHref: string }) {
  const entries = traceLogs.value.length;
  return (
    <header class="wf-head">
      <div class="ttl">
        <Button label="All traces" icon="chevron" iconOnly look="ghost" small class="back" href={listHref} />
        <h2 class="cut" title={trace.name}>
          {trace.name}
        </h2>
        {trace.errors > 0 && (
          <Tag tone="bad" shape="bad">
            {counted(trace.errors, "error")}
          </Tag>
        )}
        {trace.running && (
          <Tag tone="busy" shape="busy">
            Still running
          </Tag>
        )}
        <span class="grow" />
        <Button
          label="Logs of this trace"
          icon="logs"
          small
          class="hide"
          href={writeAddress("logs", [], { f: `trace_id=${trace.trace_id}` })}
          whyOff={entries === 0 ? "No structured log entry belongs to it" : ""}
        />
        <CopyButton label="Copy link" text={location.href} />
        <Button
          label="Export as OTLP JSON"
          icon="download"
          iconOnly
          look="ghost"
          small
          onClick={() => void exportTrace(trace.trace_id)}
        />
      </div>
      <div class="legend">
        <button
          type="button"
          class="tid mono"
          title={`Copy ${trace.trace_id}`}
          onClick={() => void copyId(trace.trace_id)}
        >
          {shortId(trace.trace_id)}
        </button>
        <span class="num">
          {measured(trace.duration)}
          {trace.running && " so far"} · {counted(trace.spans, "span")} · {preciseClock(trace.start)}
        </span>
      </div>
      <div class="legend">
        {trace.shares.map(({ resource }) => (
          <span key={resource} class={seriesClass(resource)}>
            <i />
            {resourceName(resource)}
          </span>
        ))}
        <span>
          <i class="cp" />
          longest path
        </span>
      </div>
    </header>
  );
}
