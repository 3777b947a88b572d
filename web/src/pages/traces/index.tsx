import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./traces.css";

/** The page Traces. */
export default function TracesPage() {
  return (
    <PageFrame title="Traces" heading="Traces">
      <EmptyState icon="traces" title="Nothing here yet" />
    </PageFrame>
  );
}
