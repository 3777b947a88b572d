import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./graph.css";

/** The page Graph. */
export default function GraphPage() {
  return (
    <PageFrame title="Graph" heading="Graph">
      <EmptyState icon="graph" title="Nothing here yet" />
    </PageFrame>
  );
}
