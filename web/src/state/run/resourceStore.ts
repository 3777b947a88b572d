import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Snapshot } from "../../api/schema";

/** The resources by id: a signal for each, so that a change draws one row. Changes wait until `flush`. */
export class ResourceStore {
  readonly #rows = new Map<string, Signal<Snapshot>>();
  readonly #order = signal<readonly string[]>([]);
  readonly #loaded = signal(false);
  #pending = new Map<string, Snapshot | null>();
  #seen: Set<string> | null = null;
  #complete = false;
  #ranks: ReadonlyMap<string, number> = new Map();

  /** The ids in the order in which the host tells of them: that of the definition, observed ones behind. */
  get order(): ReadonlySignal<readonly string[]> {
    return this.#order;
  }

  /** Whether all resources have come once. */
  get loaded(): ReadonlySignal<boolean> {
    return this.#loaded;
  }

  /** A connection begins: it tells of all resources anew. */
  connect(): void {
    this.#seen = new Set();
  }

  /** A snapshot came; one that is known already changes nothing. */
  snapshot(snapshot: Snapshot): void {
    const { id } = snapshot;
    const known = this.#pending.has(id) ? this.#pending.get(id) : this.#rows.get(id)?.peek();
    const first = this.#seen !== null && !this.#seen.has(id);
    this.#seen?.add(id);
    if (known?.version === snapshot.version) return;
    // The first one of a connection is the latest there is, whatever its number; within one they only rise.
    if (known && !first && known.version > snapshot.version) return;
    this.#pending.set(id, snapshot);
  }

  /** An observed resource is gone. */
  removal(id: string): void {
    this.#pending.set(id, null);
  }

  /** All that exists was told: what this connection has not told of is gone.
   * @param order The ids in the order of the definition. */
  present(order: readonly string[] = []): void {
    const seen = this.#seen;
    this.#seen = null;
    this.#complete = true;
    this.#ranks = new Map(order.map((id, rank) => [id, rank]));
    if (seen === null) return;
    for (const id of this.#rows.keys()) if (!seen.has(id)) this.#pending.set(id, null);
  }

  /** Let what came be seen. */
  flush(): void {
    const pending = this.#pending;
    this.#pending = new Map();
    batch(() => {
      let moved = false;
      for (const [id, snapshot] of pending) moved = this.#apply(id, snapshot) || moved;
      if (moved) this.#order.value = this.#ordered();
      if (this.#complete) this.#loaded.value = true;
    });
  }

  /** The signal of a resource; undefined when there is none. Tells also when it comes or goes, if read in an effect. */
  row(id: string): ReadonlySignal<Snapshot> | undefined {
    const row = this.#rows.get(id);
    if (row === undefined) this.#order.value;
    return row;
  }

  /** A resource as it is now. */
  get(id: string): Snapshot | undefined {
    this.#order.value;
    return this.#rows.get(id)?.value;
  }

  /** All resources as they are now, in order. */
  all(): readonly Snapshot[] {
    return this.#order.value.flatMap((id) => this.#rows.get(id)?.value ?? []);
  }

  /** Those that came after the order was told stand behind, as they came. */
  #ordered(): readonly string[] {
    const rank = (id: string) => this.#ranks.get(id) ?? this.#ranks.size;
    return [...this.#rows.keys()].sort((a, b) => rank(a) - rank(b));
  }

  #apply(id: string, snapshot: Snapshot | null): boolean {
    if (snapshot === null) return this.#rows.delete(id);
    const row = this.#rows.get(id);
    if (row) {
      row.value = snapshot;
      return false;
    }
    this.#rows.set(id, signal(snapshot));
    return true;
  }
}
