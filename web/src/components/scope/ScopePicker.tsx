import { useRef } from "preact/hooks";
import type { Snapshot } from "../../api/schema";
import { counted } from "../../state/format";
import { isNothingInView, scope } from "../../state/place/scope";
import { Button } from "../Button";
import { type ScopeCount, ScopeTree } from "./ScopeTree";

/** The resources in view behind a button, for pages without room for the tree beside them. */
export function ScopePicker(props: {
  counts?: ReadonlyMap<string, ScopeCount>;
  only?: (resource: Snapshot) => boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const chosen = scope.value.length;

  function toggle(): void {
    const element = box.current;
    const place = button.current?.getBoundingClientRect();
    if (!element || !place) return;
    element.style.left = `${Math.min(place.left, innerWidth - 256)}px`;
    element.style.top = `${place.bottom + 6}px`;
    element.togglePopover();
    if (element.matches(":popover-open")) element.querySelector("input")?.focus();
  }

  return (
    <>
      <Button
        label={
          isNothingInView() ? "No resource" : chosen === 0 ? "All resources" : counted(chosen, "resource")
        }
        icon="filter"
        popup="dialog"
        pressed={chosen > 0}
        buttonRef={button}
        onClick={toggle}
      />
      <div ref={box} class="picker" popover="auto">
        <ScopeTree {...props} />
      </div>
    </>
  );
}
