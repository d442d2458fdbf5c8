import type { NamesConfig } from '../config/names.ts';
import { settleWithin } from '../lib/settle-within.ts';
import type { NameLookup } from './name-lookup.ts';

/** A name with more addresses is a mistake, or somebody who wants our descriptors. */
const ADDRESSES_MAX = 64;
/** Name servers that give a TTL of 0 are not asked all the time. */
const TTL_MIN_MS = 1000;

/** Who wants to know where a name leads. */
export interface NameWatchOwner {
  /** The addresses of the name from now on. */
  resolved(addresses: readonly string[]): void;
  /** It could not be resolved; told once for each outage. The last addresses stay. */
  unresolved(error: unknown): void;
  /** Told once after an outage. */
  resolvedAgain(): void;
}

/** Asks for the addresses of a name again and again. */
export class NameWatch {
  readonly name: string;
  readonly #config: NamesConfig;
  readonly #lookup: NameLookup;
  readonly #owner: NameWatchOwner;
  #known = '';
  #isFailing = false;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(name: string, config: NamesConfig, lookup: NameLookup, owner: NameWatchOwner) {
    this.name = name;
    this.#config = config;
    this.#lookup = lookup;
    this.#owner = owner;
  }

  /** Resolves when the first answer is here, or will not come soon: a gateway does not wait longer to begin. */
  async start(): Promise<void> {
    try {
      await settleWithin(this.#ask(), 2 * this.#config.timeoutMs);
    } catch {
      // It goes on in the background.
    }
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #ask(): Promise<void> {
    const { intervalMs } = this.#config;
    let nextMs = intervalMs;
    try {
      const { addresses, ttlMs } = await this.#lookup(this.name);
      if (this.#isStopped) return;
      if (ttlMs !== null) nextMs = Math.min(intervalMs, Math.max(TTL_MIN_MS, ttlMs));
      this.#take(addresses.slice(0, ADDRESSES_MAX));
    } catch (error) {
      if (this.#isStopped) return;
      if (!this.#isFailing) this.#owner.unresolved(error);
      this.#isFailing = true;
      nextMs = Math.min(intervalMs, TTL_MIN_MS);
    }
    this.#timer = setTimeout(() => void this.#ask(), nextMs);
    this.#timer.unref();
  }

  #take(addresses: readonly string[]): void {
    if (this.#isFailing) this.#owner.resolvedAgain();
    this.#isFailing = false;
    const known = addresses.join(' ');
    if (known === this.#known) return;
    this.#known = known;
    this.#owner.resolved(addresses);
  }
}
