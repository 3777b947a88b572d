import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

/** What a resource took of the machine at one second. */
export interface UsagePoint {
  /** Seconds since 1970. */
  time: number;
  /** Per cent of one core. */
  cpu: number;
  /** Bytes. */
  memory: number;
}

/** Seconds that are kept. */
export const USAGE_SECONDS = 60;
/** Seconds without a measurement after which there is nothing to show: it has ended. */
const SILENCE = 5;

/** CPU and memory of each resource in the last minute. Changes wait until `flush`. */
export class UsageStore {
  readonly #rows = new Map<string, Signal<readonly UsagePoint[]>>();
  #pending = new Map<string, UsagePoint[]>();
  #latest = 0;

  /** One second of all resources came; a second that is known already changes nothing. */
  add(time: number, values: Readonly<Record<string, readonly number[]>>): void {
    if (time <= this.#latest) return;
    this.#latest = time;
    for (const [id, [cpu = 0, memory = 0]] of Object.entries(values)) {
      const points = this.#pending.get(id) ?? [];
      points.push({ time, cpu, memory });
      this.#pending.set(id, points);
    }
  }

  /** Let what came be seen, and forget what is older than a minute. */
  flush(): void {
    if (this.#pending.size === 0) return;
    for (const [id, points] of this.#pending) this.#signal(id).value = this.#recent(id, points);
    this.#pending = new Map();
    for (const row of this.#rows.values()) {
      const last = row.peek().at(-1);
      if (last && last.time < this.#latest - SILENCE) row.value = [];
    }
  }

  /** The last minute of a resource, oldest first; empty where nothing is measured. */
  of(id: string): ReadonlySignal<readonly UsagePoint[]> {
    return this.#signal(id);
  }

  #signal(id: string): Signal<readonly UsagePoint[]> {
    const known = this.#rows.get(id);
    if (known) return known;
    const row = signal<readonly UsagePoint[]>([]);
    this.#rows.set(id, row);
    return row;
  }

  #recent(id: string, points: readonly UsagePoint[]): readonly UsagePoint[] {
    return [...this.#signal(id).peek(), ...points].filter((each) => each.time > this.#latest - USAGE_SECONDS);
  }
}

/** What several resources took together, second by second. */
export function sumOf(all: readonly (readonly UsagePoint[])[]): readonly UsagePoint[] {
  const sums = new Map<number, UsagePoint>();
  for (const { time, cpu, memory } of all.flat()) {
    const sum = sums.get(time);
    sums.set(time, { time, cpu: (sum?.cpu ?? 0) + cpu, memory: (sum?.memory ?? 0) + memory });
  }
  return [...sums.values()].sort((a, b) => a.time - b.time);
}

/** The use of the machine by the resources of the run. */
export const usage = new UsageStore();
