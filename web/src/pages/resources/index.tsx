import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./resources.css";

/** The page Resources. */
export default function ResourcesPage() {
  return (
    <PageFrame title="Resources" heading="Resources">
      <EmptyState icon="resources" title="Nothing here yet" />
    </PageFrame>
  );
}
