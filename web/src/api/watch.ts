import { FrameBatch } from "../state/frames";
import { causes } from "../state/run/causes";
import { connection, lost } from "../state/run/connection";
import { takeDefinition } from "../state/run/definition";
import { addEvents } from "../state/run/events";
import { resources } from "../state/run/resources";
import { usage } from "../state/run/usage";
import { addressOf } from "./client";
import type { Cause, ResourceEvent, WatchLine } from "./schema";
import { openStream, type Stream } from "./stream";

/** Seconds of silence after which the host counts as gone; it sends a sign of life every 5 s. */
const SILENCE = 12;

let pendingCauses: readonly Cause[] | null = null;
let pendingEvents: ResourceEvent[] = [];

const frame = new FrameBatch(() => {
  resources.flush();
  usage.flush();
  if (pendingCauses) causes.value = pendingCauses;
  if (pendingEvents.length > 0) addEvents(pendingEvents);
  pendingCauses = null;
  pendingEvents = [];
});

function take(record: WatchLine): void {
  switch (record.kind) {
    case "snapshot":
      resources.snapshot(record.snapshot);
      break;
    case "removal":
      resources.removal(record.id);
      break;
    case "present":
      resources.present(record.order);
      break;
    case "usage":
      usage.add(record.time, record.values);
      break;
    case "causes":
      pendingCauses = record.causes;
      break;
    case "event":
      pendingEvents.push(record.event);
      break;
    case "definition":
      takeDefinition(record);
  }
}

let stream: Stream | undefined;

/** Watch the run from now on.
 * @param reconnected Called each time that the connection is back after it was lost. */
export function watch(reconnected: () => void): void {
  let connected = false;
  stream = openStream<WatchLine>({
    silence: SILENCE,
    address: () => addressOf("GET /api/watch"),
    opened() {
      resources.connect();
      connection.value = { kind: "live" };
      if (connected) reconnected();
      connected = true;
    },
    records(batch) {
      for (const record of batch) take(record);
      frame.schedule();
    },
    lost(_, retryAt) {
      lost(Date.now(), retryAt);
    },
    refused(problem) {
      connection.value = { kind: "refused", message: problem.message };
    },
  });
}

/** Try now, and not only when the pause is over. */
export function retryNow(): void {
  stream?.retry();
}
