import type { Problem } from "./problem";
import { openStream, type Stream } from "./stream";

/** How a followed list goes on where it was: its records carry a cursor. */
export interface FollowHandlers<T, C extends string | number> {
  /** Behind which record to begin; at the beginning where there is none. */
  from?: C;
  /** The address of what follows a cursor, or of all at first. */
  address(cursor: C | undefined): string;
  /** The cursor of a record; undefined where it has none. */
  cursorOf(record: T): C | undefined;
  /** What came. */
  records(batch: T[]): void;
  /** The connection is lost; it goes on behind the last cursor when it is back. */
  lost?(problem: Problem, retryAt: number): void;
  /** It goes on; `resumed` tells the first connection from later ones. */
  opened?(resumed: boolean): void;
  /** The host refuses for good. */
  refused?(problem: Problem): void;
}

/** Follow a list of the control API: nothing is lost or shown twice when the connection breaks. */
export function follow<T, C extends string | number>(handlers: FollowHandlers<T, C>): Stream {
  let cursor = handlers.from;
  let connections = 0;
  return openStream<T>({
    address: () => handlers.address(cursor),
    records(batch) {
      for (const record of batch) cursor = handlers.cursorOf(record) ?? cursor;
      handlers.records(batch);
    },
    opened() {
      connections += 1;
      handlers.opened?.(connections > 1);
    },
    lost: handlers.lost?.bind(handlers),
    refused: handlers.refused?.bind(handlers),
  });
}
