import type { WindowView } from "./windowView";

/** Let a picture be moved by dragging its ground, by the wheel (with Ctrl it zooms), and by two fingers.
 * @returns What ends it. */
export function letDrag(ground: HTMLElement, view: WindowView): () => void {
  const pointers = new Map<number, { x: number; y: number }>();

  function down(event: PointerEvent): void {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest("a, button"))) return;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    ground.setPointerCapture(event.pointerId);
  }
  function move(event: PointerEvent): void {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const at = { x: event.clientX, y: event.clientY };
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const { left, top } = ground.getBoundingClientRect();
      const ratio = distance(at, other) / Math.max(1, distance(before, other));
      view.zoom(Math.log(ratio) / Math.log(1.25), {
        x: (at.x + other.x) / 2 - left,
        y: (at.y + other.y) / 2 - top,
      });
    } else view.pan(at.x - before.x, at.y - before.y);
    pointers.set(event.pointerId, at);
  }
  function up(event: PointerEvent): void {
    pointers.delete(event.pointerId);
  }
  function wheel(event: WheelEvent): void {
    event.preventDefault();
    const { left, top } = ground.getBoundingClientRect();
    if (!event.ctrlKey && !event.metaKey) view.pan(-event.deltaX, -event.deltaY);
    else view.zoom(-event.deltaY / 120, { x: event.clientX - left, y: event.clientY - top });
  }
  /** A browser scrolls to what gets the focus; here the view moves instead. */
  function scrolled(): void {
    ground.scrollTo(0, 0);
  }

  const controller = new AbortController();
  const { signal } = controller;
  ground.addEventListener("pointerdown", down, { signal });
  ground.addEventListener("pointermove", move, { signal });
  ground.addEventListener("pointerup", up, { signal });
  ground.addEventListener("pointercancel", up, { signal });
  ground.addEventListener("wheel", wheel, { signal, passive: false });
  ground.addEventListener("scroll", scrolled, { signal });
  return () => controller.abort();
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
