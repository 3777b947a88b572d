import { causes } from "../state/causes";
import { connection, lost } from "../state/connection";
import { addEvents } from "../state/events";
import { FrameBatch } from "../state/frames";
import { resources } from "../state/resources";
import { usage } from "../state/usage";
import { addressOf } from "./client";
import type { Cause, ResourceEvent, Routes } from "./schema";
import { openStream, type Stream } from "./stream";

type WatchRecord = Routes["GET /api/watch"]["item"];

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

function take(record: WatchRecord): void {
  switch (record.kind) {
    case "snapshot":
      return resources.snapshot(record.snapshot);
    case "removal":
      return resources.removal(record.id);
    case "present":
      return resources.present();
    case "usage":
      return usage.add(record.time, record.values);
    case "causes":
      pendingCauses = record.causes;
      return;
    case "event":
      pendingEvents.push(record.event);
  }
}

let stream: Stream | undefined;

/** Watch the run from now on.
 * @param reconnected Called each time that the connection is back after it was lost. */
export function watch(reconnected: () => void): void {
  let connected = false;
  stream = openStream<WatchRecord>({
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
