import { Component, createRef, type RefObject } from "preact";
import { LineRow, OpenRow, type RowLook } from "./LineRow";
import type { RowList } from "./lines/rowList";
import type { Row } from "./lines/rows";
import type { StoredLine } from "./lines/storedLine";
import { keepHeight, layOut } from "./rowHeight";
import { wrapsLines } from "./wrapping";

/** Pixels beyond the edges in which rows are drawn too. */
const MARGIN = 240;

interface Props {
  /** Is given the list itself while it is there. */
  handle: RefObject<LineList | null>;
  list: RowList;
  /** Rises when rows have come, gone or changed. */
  version: number;
  open: readonly StoredLine[];
  follows: boolean;
  look: Omit<RowLook, "version" | "isCurrent">;
  /** Whether a row is the match, or the line of the link, that the reader is at. */
  isCurrent: (row: Row) => boolean;
  /** The reader has left the newest lines, or has come back to them. */
  onFollow: (follows: boolean) => void;
  /** The reader has moved by hand. */
  onMove: () => void;
  /** The times of the first and the last line in view, in seconds since 1970. */
  onView: (from: number, to: number) => void;
}

/** The row at the upper edge, and how far it is scrolled past it. */
interface Anchor {
  row: Row;
  offset: number;
}

/** The rows in view of a list whose rows have heights of their own. The newest stay in view while they are followed;
 * else the line under the reader's eye keeps still, whatever comes, folds or is dropped above it. */
export class LineList extends Component<Props> {
  readonly #box = createRef<HTMLDivElement>();
  readonly #whole = createRef<HTMLDivElement>();
  readonly #drawn = createRef<HTMLDivElement>();
  readonly #probe = createRef<HTMLDivElement>();
  #observer: ResizeObserver | null = null;
  #viewport = 0;
  #scrolled = 0;
  #anchor: Anchor | null = null;
  #first = 0;
  #end = 0;
  #isHeld = false;
  #longest = 0;
  #isWrapped = wrapsLines.peek();

  override componentDidMount(): void {
    this.props.handle.current = this;
    const box = this.#box.current;
    if (!box) return;
    this.#observer = new ResizeObserver(() => this.#resized());
    this.#observer.observe(box);
    this.#resized();
  }

  override componentDidUpdate(): void {
    if (this.#isWrapped !== wrapsLines.peek()) this.#resized();
    else this.#settle();
  }

  override componentWillUnmount(): void {
    this.#observer?.disconnect();
    this.props.handle.current = null;
  }

  /** Put a row into view, in the middle or at the upper edge. */
  scrollTo(row: Row, where: "center" | "start"): void {
    const height = this.props.list.heights.height(row.index);
    const offset = where === "start" ? 0 : Math.min(0, -(this.#viewport - height) / 2);
    this.#anchor = { row, offset };
    this.forceUpdate();
  }

  /** The first row in view. */
  firstInView(): Row | undefined {
    const { list, follows } = this.props;
    return list.rows[list.heights.find(follows ? list.heights.total - this.#viewport : this.#scrolled)];
  }

  /** Whether a row is in view as a whole. */
  hasInView(row: Row): boolean {
    const { heights } = this.props.list;
    const top = heights.top(row.index);
    return top >= this.#scrolled && top + heights.height(row.index) <= this.#scrolled + this.#viewport;
  }

  focus(): void {
    this.#box.current?.focus({ preventScroll: true });
  }

  #resized(): void {
    const box = this.#box.current;
    const text = this.#probe.current?.querySelector(".tx");
    const sample = text?.firstElementChild;
    if (!box || !(text instanceof HTMLElement) || !(sample instanceof HTMLElement)) return;
    this.#isWrapped = wrapsLines.peek();
    this.#viewport = box.clientHeight;
    const line = sample.getBoundingClientRect().height;
    const around = (this.#probe.current?.getBoundingClientRect().height ?? line) - line;
    const columns = Math.max(1, Math.floor((text.clientWidth / sample.getBoundingClientRect().width) * 10));
    if (layOut({ around, line, columns, isWrapped: wrapsLines.value })) this.props.list.measure();
    this.forceUpdate();
  }

  /** Where the list is to be scrolled to. */
  #target(): number {
    const { list, follows } = this.props;
    const { heights } = list;
    if (follows && !this.#isHeld) return Math.max(0, heights.total - this.#viewport);
    if (!this.#anchor) return this.#scrolled;
    return Math.max(0, heights.top(this.#indexOf(this.#anchor.row)) + this.#anchor.offset);
  }

  /** The place of a row, or of what is there now in its stead. */
  #indexOf(row: Row): number {
    if (row.index >= 0) return row.index;
    const other = row.head.row;
    return other && other.index >= 0 ? other.index : this.props.list.indexAt(row.head.time);
  }

  /** Bring the element to what was drawn: heights, then the place. */
  #settle(): void {
    const [box, whole, drawn] = [this.#box.current, this.#whole.current, this.#drawn.current];
    if (!box || !whole || !drawn) return;
    const { heights } = this.props.list;
    const isMeasured = this.#measure(drawn);
    whole.style.height = `${heights.total}px`;
    drawn.style.transform = `translateY(${heights.top(this.#first)}px)`;
    if (!wrapsLines.value) whole.style.minWidth = `calc(${this.#longest}ch + 360px)`;
    else whole.style.minWidth = "";
    const follows = this.props.follows && !this.#isHeld;
    const target = follows ? box.scrollHeight - box.clientHeight : this.#target();
    if (Math.abs(box.scrollTop - target) >= 1) box.scrollTop = target;
    this.#scrolled = box.scrollTop;
    if (follows || !this.#anchor) this.#takeAnchor();
    if (isMeasured && !this.#coversView()) this.forceUpdate();
    this.#tellView();
  }

  /** Take over the heights that the drawn rows really have. Returns whether there were others. */
  #measure(drawn: HTMLElement): boolean {
    const { list } = this.props;
    let isOther = false;
    for (let at = 0; at < drawn.children.length; at += 1) {
      const row = list.rows[this.#first + at];
      const height = drawn.children[at]?.getBoundingClientRect().height ?? 0;
      if (!row || height === 0 || Math.abs(height - list.heights.height(row.index)) < 0.5) continue;
      keepHeight(row, height);
      list.heights.set(row.index, height);
      isOther = true;
    }
    return isOther;
  }

  #coversView(): boolean {
    const { heights, rows } = this.props.list;
    const end = Math.min(this.#scrolled + this.#viewport, heights.total);
    return (
      heights.top(this.#first) <= this.#scrolled &&
      (this.#end >= rows.length || heights.top(this.#end) >= end)
    );
  }

  #takeAnchor(): void {
    const { list } = this.props;
    const index = list.heights.find(this.#scrolled);
    const row = list.rows[index];
    this.#anchor = row ? { row, offset: this.#scrolled - list.heights.top(index) } : null;
  }

  #tellView(): void {
    const { list } = this.props;
    const first = list.rows[list.heights.find(this.#scrolled)];
    const last = list.rows[list.heights.find(this.#scrolled + this.#viewport - 1)];
    if (first && last) this.props.onView(first.head.time, last.lastTime);
  }

  readonly #onScroll = (): void => {
    const box = this.#box.current;
    if (!box || Math.abs(box.scrollTop - this.#scrolled) < 1) return;
    const isDown = box.scrollTop > this.#scrolled;
    this.#scrolled = box.scrollTop;
    this.#takeAnchor();
    this.props.onMove();
    const isAtEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 4;
    if (this.props.follows && !isAtEnd) this.props.onFollow(false);
    else if (!this.props.follows && isAtEnd && isDown && !this.#isHeld) this.props.onFollow(true);
    this.forceUpdate();
  };

  /** A turn of the wheel counts before the list has moved: else lines that come meanwhile would undo it. */
  readonly #onWheel = (event: WheelEvent): void => {
    const box = this.#box.current;
    if (event.deltaY < 0 && this.props.follows && box && box.scrollHeight > box.clientHeight) {
      this.#takeAnchor();
      this.props.onMove();
      this.props.onFollow(false);
    }
  };

  readonly #onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (["ArrowUp", "PageUp", "Home"].includes(event.key) && this.props.follows) {
      this.#takeAnchor();
      this.props.onFollow(false);
    } else if (event.key === "End") {
      event.preventDefault();
      this.props.onFollow(true);
    }
  };

  /** While the scroll bar is held, or a finger is down, the list does not move by itself. */
  readonly #hold = ({ pointerType }: PointerEvent): void => {
    const ends = pointerType === "touch" ? ["touchend", "touchcancel"] : ["pointerup", "pointercancel"];
    this.#isHeld = true;
    const release = (): void => {
      this.#isHeld = false;
      for (const name of ends) removeEventListener(name, release);
      this.forceUpdate();
    };
    for (const name of ends) addEventListener(name, release);
  };

  override render() {
    const { list, open, look, isCurrent } = this.props;
    const target = this.#target();
    this.#first = list.heights.find(target - MARGIN);
    this.#end = Math.min(list.rows.length, list.heights.find(target + this.#viewport + MARGIN) + 1);
    const rows = list.rows.slice(this.#first, this.#end);
    for (const row of rows) this.#longest = Math.max(this.#longest, Math.min(row.head.text.length, 2000));
    return (
      <div
        ref={this.#box}
        class={`log ${wrapsLines.value ? "" : "unwrapped"}`}
        role="table"
        aria-label="Console lines"
        aria-rowcount={list.rows.length + open.length}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it
        tabIndex={0}
        onScroll={this.#onScroll}
        onWheel={this.#onWheel}
        onKeyDown={this.#onKeyDown}
        onPointerDown={this.#hold}
      >
        <div ref={this.#whole} class="virtual" role="rowgroup">
          <div ref={this.#drawn} class="virtual-rows" role="presentation">
            {rows.map((row) => (
              <LineRow
                key={`${row.head.log.id} ${row.head.number} ${row.head.lost}`}
                row={row}
                look={{ ...look, version: row.version, isCurrent: isCurrent(row) }}
              />
            ))}
          </div>
        </div>
        {open.length > 0 && (
          <div class="open-rows" role="rowgroup">
            {open.map((line) => (
              <OpenRow
                key={`${line.writer.resource} ${line.writer.stream} ${line.writer.source}`}
                line={line}
              />
            ))}
          </div>
        )}
        <div ref={this.#probe} class="lrow probe" aria-hidden="true">
          <time>00:00:00.000</time>
          <span class="who">x</span>
          <span class="lv">x</span>
          <div class="tx">
            <span>0123456789</span>
          </div>
        </div>
      </div>
    );
  }
}
