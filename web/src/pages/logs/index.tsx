import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./logs.css";

/** The page Logs. */
export default function LogsPage() {
  return (
    <PageFrame title="Logs" heading="Logs">
      <EmptyState icon="logs" title="Nothing here yet" />
    </PageFrame>
  );
}
