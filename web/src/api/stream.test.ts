import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { follow } from "./follow";
import type { Stream } from "./stream";
import { openStream } from "./stream";

/** What the host answers to one connection. */
type Answer = { status: number; body: ReadableStream<Uint8Array<ArrayBuffer>> };

let asked: string[] = [];
let answers: Answer[] = [];
let open: Stream | undefined;

/** An answer of some records, which then ends, stays open, or breaks. */
function answerOf(records: readonly unknown[], then: "end" | "stay" | "break" = "end", status = 200): Answer {
  const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (text !== "") controller.enqueue(new TextEncoder().encode(text));
      if (then === "end") controller.close();
    },
    pull(controller) {
      if (then === "break") controller.error(new TypeError("network error"));
    },
  });
  return { status, body };
}

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal("document", new EventTarget());
  vi.stubGlobal("fetch", async (address: string, init: RequestInit) => {
    asked.push(address);
    const answer = answers.shift() ?? answerOf([], "stay");
    const headers = { "Content-Type": "application/json" };
    init.signal?.throwIfAborted();
    return new Response(answer.body, { status: answer.status, headers });
  });
});

afterEach(() => {
  open?.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Let what waits for no timer happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await vi.advanceTimersByTimeAsync(0);
}

test("a stream that ends or breaks is opened again, and what comes is told", async () => {
  answers = [answerOf([1, 2]), answerOf([3], "break"), answerOf([4], "stay")];
  const got: number[] = [];
  let losses = 0;
  open = openStream<number>({
    address: () => "/api/watch",
    records: (batch) => got.push(...batch),
    lost: () => {
      losses += 1;
    },
  });
  await settle();
  expect([got, losses]).toEqual([[1, 2], 1]);
  await vi.advanceTimersByTimeAsync(1000);
  await vi.advanceTimersByTimeAsync(2000);
  expect([got, losses, asked.length]).toEqual([[1, 2, 3, 4], 2, 3]);
});

test("silence counts as lost only where there should be signs of life", async () => {
  answers = [answerOf([1], "stay"), answerOf([2], "stay")];
  const losses: string[] = [];
  open = openStream<number>({
    silence: 12,
    address: () => "/api/watch",
    records: () => undefined,
    lost: (problem) => losses.push(problem.kind),
  });
  await settle();
  await vi.advanceTimersByTimeAsync(11000);
  expect(losses).toEqual([]);
  await vi.advanceTimersByTimeAsync(3000);
  expect([losses, asked.length]).toEqual([["connection"], 2]);
});

test("a refusal is final", async () => {
  answers = [answerOf([{ error: { kind: "access", message: "no token" } }], "end", 401)];
  const refusals: string[] = [];
  open = openStream<number>({
    address: () => "/api/watch",
    records: () => undefined,
    refused: (problem) => refusals.push(problem.message),
  });
  await settle();
  await vi.advanceTimersByTimeAsync(60000);
  expect([refusals, asked.length]).toEqual([["no token"], 1]);
});

test("a mistake of the page does not end the stream", async () => {
  const reported: unknown[] = [];
  vi.stubGlobal("reportError", (error: unknown) => reported.push(error));
  answers = [answerOf([1], "stay")];
  open = openStream<number>({
    address: () => "/api/watch",
    records: () => {
      throw new Error("mistake");
    },
  });
  await settle();
  expect([reported.length, asked.length]).toEqual([1, 1]);
});

test("a followed list goes on behind the last cursor", async () => {
  answers = [
    answerOf([{ cursor: "a" }, { open: true }, { cursor: "b" }]),
    answerOf([{ cursor: "c" }], "stay"),
  ];
  const resumed: boolean[] = [];
  open = follow<{ cursor?: string }, string>({
    address: (cursor) => `/api/logs?after=${cursor ?? ""}`,
    cursorOf: (record) => record.cursor,
    records: () => undefined,
    opened: (again) => resumed.push(again),
  });
  await settle();
  await vi.advanceTimersByTimeAsync(1000);
  expect([asked, resumed]).toEqual([
    ["/api/logs?after=", "/api/logs?after=b"],
    [false, true],
  ]);
});

test("a tab that is hidden for half a minute lets go, and connects again when it is shown", async () => {
  const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
  vi.stubGlobal("document", page);
  answers = [answerOf([1], "stay"), answerOf([2], "stay")];
  open = openStream<number>({ address: () => "/api/watch", records: () => undefined });
  await settle();
  page.visibilityState = "hidden";
  page.dispatchEvent(new Event("visibilitychange"));
  await vi.advanceTimersByTimeAsync(31000);
  expect(asked.length).toBe(1);
  page.visibilityState = "visible";
  page.dispatchEvent(new Event("visibilitychange"));
  await settle();
  expect(asked.length).toBe(2);
});
