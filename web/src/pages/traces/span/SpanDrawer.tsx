import type { AttributeView, SpanView, TraceView } from "../../../api/schema";
import { Button } from "../../../components/Button";
import { AttributeList } from "../../../components/lists/AttributeList";
import { Tag } from "../../../components/marks/Tag";
import { measured } from "../../../state/format";
import { resourceName } from "../../../state/run/resources";
import { seriesClass } from "../../../state/run/series";
import { spanDetails } from "../waterfall/openTrace";
import { CompareSpan } from "./CompareSpan";
import { SpanEvents } from "./SpanEvents";
import { SpanFault } from "./SpanFault";
import { SpanLinks } from "./SpanLinks";
import { SpanLogs } from "./SpanLogs";
import { SpanMetrics } from "./SpanMetrics";

/** The facts of a span that OpenTelemetry keeps beside its attributes. */
function facts(span: SpanView): readonly AttributeView[] {
  const sender = span.sender === span.resource ? [] : [{ name: "sent by", value: resourceName(span.sender) }];
  return [
    ...sender,
    ...(span.instance !== span.sender && span.instance ? [{ name: "instance", value: span.instance }] : []),
    { name: "kind", value: span.kind },
    ...(span.scope ? [{ name: "scope", value: span.scope }] : []),
    { name: "span id", value: span.span_id },
  ];
}

/** What there is to say of a span, in the order of need. */
export function SpanDrawer({
  trace,
  span,
  onClose,
}: {
  trace: TraceView;
  span: SpanView;
  onClose: () => void;
}) {
  const details = spanDetails.value?.span.span_id === span.span_id ? spanDetails.value : null;
  return (
    <aside class="drawer" aria-label="Span">
      <div class="ttl">
        <h2 title={span.name}>{span.name}</h2>
        <Button label="Close" icon="close" iconOnly look="ghost" onClick={onClose} />
      </div>
      <div class={`meta ${seriesClass(span.resource)}`}>
        {span.status === "error" && (
          <Tag tone="bad" shape="bad">
            Error
          </Tag>
        )}
        <b>{resourceName(span.resource)}</b>
        <span class="quiet num">
          {measured(span.duration)}, starts at {span.offset === 0 ? "0" : measured(span.offset)}
        </span>
      </div>
      <SpanFault trace={trace} span={span} />
      <AttributeList title="Attributes" attributes={span.attributes} />
      <SpanEvents trace={trace} span={span} />
      <SpanLogs logs={details?.logs ?? []} />
      <SpanLinks span={span} />
      <SpanMetrics trace={trace} span={span} />
      {details?.comparison && <CompareSpan comparison={details.comparison} />}
      <AttributeList title="Span" attributes={facts(span)} />
      {details && <AttributeList title="Resource" attributes={details.resource_attributes} />}
    </aside>
  );
}
