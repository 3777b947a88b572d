/** Splits text that comes in pieces into whole lines. */
export class LineSplitter {
  #rest = "";

  /** The lines that a piece completes. */
  push(piece: string): string[] {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.filter((line) => line !== "");
  }
}

/** The objects of a stream of newline-delimited JSON, those of each piece of the network together.
 * A line that is cut off at the end is dropped. */
export async function* ndjson<T>(body: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<T[]> {
  const splitter = new LineSplitter();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const records: T[] = splitter.push(value).map((line) => JSON.parse(line));
      if (records.length > 0) yield records;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
