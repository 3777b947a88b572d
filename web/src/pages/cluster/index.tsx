import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./cluster.css";

/** The page Cluster. */
export default function ClusterPage() {
  return (
    <PageFrame title="Cluster" heading="Cluster">
      <EmptyState icon="cluster" title="Nothing here yet" />
    </PageFrame>
  );
}
