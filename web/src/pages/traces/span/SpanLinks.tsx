import type { SpanView } from "../../../api/schema";
import { writeAddress } from "../../../state/place/address";
import { shortId } from "../traceWords";

/** The spans that a span has to do with; those whose traces are kept can be opened. */
export function SpanLinks({ span }: { span: SpanView }) {
  if (span.links.length === 0) return null;
  return (
    <section>
      <h3>Linked traces</h3>
      <ul class="linked">
        {span.links.map((link) => (
          <li key={`${link.trace_id} ${link.span_id}`}>
            {link.known ? (
              <a class="mono" href={writeAddress("traces", [link.trace_id], { span: link.span_id })}>
                {shortId(link.trace_id)}
              </a>
            ) : (
              <span>
                <span class="mono">{shortId(link.trace_id)}</span> <span class="quiet">is not kept here</span>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
