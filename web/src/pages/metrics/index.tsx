import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./metrics.css";

/** The page Metrics. */
export default function MetricsPage() {
  return (
    <PageFrame title="Metrics" heading="Metrics">
      <EmptyState icon="metrics" title="Nothing here yet" />
    </PageFrame>
  );
}
