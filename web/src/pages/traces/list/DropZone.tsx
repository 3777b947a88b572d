import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { Icon } from "../../../components/marks/Icon";

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

/** A part of the page that files can be dropped on. */
export function DropZone(props: {
  class: string;
  hint: string;
  onFiles: (files: readonly File[]) => void;
  children: ComponentChildren;
}) {
  const isOver = useSignal(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button does the same for those who have no pointer
    <div
      class={`${props.class} dropzone`}
      onDragOver={(event) => {
        if (!carriesFiles(event)) return;
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={(event) => {
        if (event.currentTarget instanceof Node && event.relatedTarget instanceof Node)
          isOver.value = event.currentTarget.contains(event.relatedTarget);
        else isOver.value = false;
      }}
      onDrop={(event) => {
        isOver.value = false;
        if (!carriesFiles(event)) return;
        event.preventDefault();
        props.onFiles([...(event.dataTransfer?.files ?? [])]);
      }}
    >
      {props.children}
      {isOver.value && (
        <p class="drophint">
          <Icon name="upload" size={20} />
          {props.hint}
        </p>
      )}
    </div>
  );
}
