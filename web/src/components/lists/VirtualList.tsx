import { useSignal } from "@preact/signals";
import type { ComponentChildren, HTMLAttributes, Ref } from "preact";
import { useEffect, useImperativeHandle, useLayoutEffect, useRef } from "preact/hooks";
import { anchoredScroll, rowWindow } from "./virtualWindow";

/** What can be done with a list from outside. */
export interface VirtualListHandle {
  /** Scroll so that a row is in view; `center` puts it in the middle. */
  scrollTo(index: number, where?: "nearest" | "center"): void;
  element(): HTMLElement | null;
}

/** Rows of one height, of which only those in view are drawn. What is read stays where it is when rows come or go above;
 * with `follow` the end stays in view until the reader scrolls up. */
export function VirtualList<T>(props: {
  items: readonly T[];
  rowHeight: number;
  keyOf: (item: T) => string | number;
  render: (item: T, index: number) => ComponentChildren;
  /** What stands above the rows and stays there, such as the heads of columns. */
  head?: ComponentChildren;
  headHeight?: number;
  /** What comes behind the last row and scrolls with the rows. */
  tail?: ComponentChildren;
  /** The reader has come near the last row, so that more can be fetched. */
  onNearEnd?: () => void;
  /** Draw all rows, whether in view or not: a short list can then be searched by the browser. */
  whole?: boolean;
  /** The index of a row that is drawn even when it is not in view, such as the one that has the focus. */
  keep?: number;
  follow?: boolean;
  /** The reader has left the end, or has come back to it. */
  onFollow?: (follows: boolean) => void;
  class?: string;
  attributes?: HTMLAttributes<HTMLDivElement>;
  /** Attributes of the element that holds the rows alone, such as its role. */
  rowsAttributes?: HTMLAttributes<HTMLDivElement>;
  handle?: Ref<VirtualListHandle>;
}) {
  const { items, rowHeight, keyOf, headHeight = 0 } = props;
  const box = useRef<HTMLDivElement>(null);
  const top = useSignal(0);
  const height = useSignal(0);
  const anchor = useRef<{ key: string | number; offset: number } | null>(null);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    height.value = element.clientHeight;
    const observer = new ResizeObserver(() => {
      height.value = element.clientHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    if (props.follow) {
      element.scrollTop = element.scrollHeight;
    } else if (anchor.current && element.scrollTop > 0) {
      const { key, offset } = anchor.current;
      const target = anchoredScroll(items.map(keyOf), key, offset, rowHeight);
      if (target !== undefined && Math.abs(target - element.scrollTop) >= 1) element.scrollTop = target;
    }
    top.value = element.scrollTop;
  }, [items, props.follow, rowHeight]);

  useImperativeHandle(props.handle ?? null, () => ({
    element: () => box.current,
    scrollTo(index, where = "nearest") {
      const element = box.current;
      if (!element) return;
      const start = index * rowHeight;
      const room = element.clientHeight - headHeight;
      if (where === "center") element.scrollTop = start - (room - rowHeight) / 2;
      else if (start < element.scrollTop) element.scrollTop = start;
      else if (start + rowHeight > element.scrollTop + room) element.scrollTop = start + rowHeight - room;
    },
  }));

  function scrolled(): void {
    const element = box.current;
    if (!element) return;
    top.value = element.scrollTop;
    const index = Math.floor(element.scrollTop / rowHeight);
    const item = items[index];
    anchor.current =
      item === undefined ? null : { key: keyOf(item), offset: element.scrollTop - index * rowHeight };
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - rowHeight / 2;
    if (element.scrollTop + 3 * element.clientHeight >= element.scrollHeight) props.onNearEnd?.();
    if (props.onFollow && atEnd !== (props.follow ?? false)) props.onFollow(atEnd);
  }

  useEffect(scrolled, [items]);

  const { keep } = props;
  const { first, end } = props.whole
    ? { first: 0, end: items.length }
    : rowWindow(top.value, height.value, rowHeight, items.length);
  const kept = keep !== undefined && (keep < first || keep >= end) ? items[keep] : undefined;
  return (
    <div {...props.attributes} ref={box} class={props.class} onScroll={scrolled}>
      {props.head}
      <div
        role="presentation"
        {...props.rowsAttributes}
        class="virtual"
        style={{ height: `${items.length * rowHeight}px` }}
      >
        <div
          class="virtual-rows"
          role="presentation"
          style={{ transform: `translateY(${first * rowHeight}px)` }}
        >
          {items.slice(first, end).map((item, index) => props.render(item, first + index))}
        </div>
        {kept !== undefined && keep !== undefined && (
          <div
            class="virtual-rows"
            role="presentation"
            style={{ transform: `translateY(${keep * rowHeight}px)` }}
          >
            {props.render(kept, keep)}
          </div>
        )}
      </div>
      {props.tail}
    </div>
  );
}
