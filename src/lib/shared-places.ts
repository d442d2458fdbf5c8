import type { PlaceStore } from './place-store.ts';
import type { Reach } from './reach.ts';

/** The places that all processes know while these can be reached, and those that we know while not. */
export class SharedPlaces implements PlaceStore {
  readonly #shared: PlaceStore;
  readonly #own: PlaceStore;
  readonly #reach: Reach;

  constructor(parts: {
    /** Of all processes; rejects while it is away. */
    readonly shared: PlaceStore;
    readonly own: PlaceStore;
    readonly reach: Reach;
  }) {
    this.#shared = parts.shared;
    this.#own = parts.own;
    this.#reach = parts.reach;
  }

  async has(who: string, where: string): Promise<boolean> {
    const isKnown = await this.#try((shared) => shared.has(who, where));
    if (isKnown === null) return await this.#own.has(who, where);
    // In an outage nobody is to become a stranger.
    if (isKnown) await this.#own.add(who, where);
    return isKnown;
  }

  async of(who: string): Promise<readonly string[]> {
    return (await this.#try((shared) => shared.of(who))) ?? (await this.#own.of(who));
  }

  async add(who: string, where: string): Promise<void> {
    await this.#own.add(who, where);
    await this.#try((shared) => shared.add(who, where));
  }

  /** Null: nobody answered. */
  async #try<Value>(call: (shared: PlaceStore) => Value | Promise<Value>): Promise<Value | null> {
    if (!this.#reach.isWorthAsking()) return null;
    try {
      const value = await call(this.#shared);
      this.#reach.answered();
      return value;
    } catch {
      this.#reach.failed();
      return null;
    }
  }
}
