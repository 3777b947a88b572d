import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/** Milliseconds before anything tells that something is loading. */
const PATIENCE = 300;

/** Shows what stands for content that is loading, but only after 300 ms. */
export function Patience({ children, what }: { children: ComponentChildren; what: string }) {
  const waited = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      waited.value = true;
    }, PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  if (!waited.value) return null;
  return (
    <>
      <p class="sr" role="status">
        Loading {what}
      </p>
      {children}
    </>
  );
}

/** A grey bar in the place of a text of about so many pixels. */
export function Skeleton({ width }: { width: number }) {
  return <span class="skel" style={{ width: `${width}px` }} />;
}
