import { effect, signal } from "@preact/signals";
import type { Box, Point } from "./layout/types";
import { firstView, fitted, panned, type Size, showing, type View, zoomed } from "./viewport";

const STEP = 1.25;

/** The window on the picture: what of it is seen. It moves the picture without drawing it anew. */
export class WindowView {
  readonly #view = signal<View>({ x: 0, y: 0, scale: 1 });
  #window: Size = { width: 0, height: 0 };
  #picture: Size = { width: 1, height: 1 };
  #touched = false;

  /** Let the picture follow the view until the returned function is called.
   * @param ground What is behind the picture and moves with it. */
  attach(picture: HTMLElement, ground: HTMLElement): () => void {
    return effect(() => {
      const { x, y, scale } = this.#view.value;
      picture.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
      ground.style.backgroundPosition = `${x}px ${y}px`;
      ground.style.backgroundSize = `${24 * scale}px ${24 * scale}px`;
    });
  }

  /** The window has got another size; as long as nobody has moved the picture, it stays fitted. */
  resize(window: Size): void {
    this.#window = window;
    if (!this.#touched) this.reset(this.#picture);
  }

  /** There is another picture. */
  reset(picture: Size): void {
    this.#picture = picture;
    if (!this.#touched && this.#window.width > 0) this.#view.value = firstView(picture, this.#window);
  }

  /** Forget what was moved, so that the next picture is shown as at first. */
  forget(): void {
    this.#touched = false;
  }

  fit(): void {
    this.#set(fitted(this.#picture, this.#window));
  }

  pan(x: number, y: number): void {
    this.#set(panned(this.#view.peek(), { x, y }, this.#picture, this.#window));
  }

  /** Enlarge or shrink by steps, at a point of the window; at its middle unless given. */
  zoom(steps: number, at: Point = this.#middle()): void {
    this.#set(zoomed(this.#view.peek(), STEP ** steps, at));
  }

  /** Bring a box into view, if it is not. */
  show(box: Box): void {
    const view = showing(this.#view.peek(), box, this.#window);
    const before = this.#view.peek();
    if (view.x !== before.x || view.y !== before.y) this.#set(view);
  }

  #middle(): Point {
    return { x: this.#window.width / 2, y: this.#window.height / 2 };
  }

  #set(view: View): void {
    this.#touched = true;
    this.#view.value = view;
  }
}
