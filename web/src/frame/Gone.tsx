import { Button } from "../components/Button";
import { EmptyState } from "../components/EmptyState";
import type { IconName } from "../components/marks/icons";

/** What a link to something that no longer exists leads to.
 * @param props.what What is not there, as the end of "There is no …". */
export function Gone(props: { icon: IconName; what: string; text: string; label: string; href: string }) {
  return (
    <EmptyState icon={props.icon} title={`There is no ${props.what}`} text={props.text}>
      <Button label={props.label} href={props.href} />
    </EmptyState>
  );
}
