import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A modal dialog. Escape and a click beside it close it; the focus returns to where it was. */
export function Dialog(props: {
  label: string;
  class: string;
  onClose: () => void;
  children: ComponentChildren;
}) {
  const ref = useRef<HTMLDialogElement>(null);
  // The browser tells of a closed dialog later, when another one may be open already; so each tells once, at once.
  const isOver = useRef(false);
  function close(): void {
    if (isOver.current) return;
    isOver.current = true;
    props.onClose();
  }
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      isOver.current = true;
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={props.class}
      aria-label={props.label}
      onCancel={close}
      onClose={close}
      onClick={(event) => {
        if (event.target === ref.current) close();
      }}
      onKeyDown={(event) => event.stopPropagation()}
    >
      {props.children}
    </dialog>
  );
}
