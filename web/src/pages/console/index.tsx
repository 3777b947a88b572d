import { EmptyState } from "../../components/EmptyState";
import { PageFrame } from "../../frame/PageFrame";
import "./console.css";

/** The page Console. */
export default function ConsolePage() {
  return (
    <PageFrame title="Console" heading="Console">
      <EmptyState icon="console" title="Nothing here yet" />
    </PageFrame>
  );
}
