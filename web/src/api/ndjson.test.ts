import { expect, test } from "vitest";
import { ndjson } from "./ndjson";

function streamOf(...pieces: Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}

async function allOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<unknown[]> {
  const batches: unknown[] = [];
  for await (const batch of ndjson(stream)) batches.push(batch);
  return batches;
}

test("objects come whole, wherever the network cuts them, even within a letter", async () => {
  const bytes = new TextEncoder().encode('{"a":"ü"}\n{"a":2}\n\n{"a":3}');
  const cut = bytes.indexOf(0xc3) + 1;
  expect(await allOf(streamOf(bytes.slice(0, cut), bytes.slice(cut)))).toEqual([[{ a: "ü" }, { a: 2 }]]);
});
