import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./parameters.css";

/** The page Parameters. */
export default function ParametersPage() {
  return (
    <PageFrame title="Parameters" heading="Parameters">
      <EmptyState icon="parameters" title="Nothing here yet" />
    </PageFrame>
  );
}
