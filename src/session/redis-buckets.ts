import type {
  BucketShare,
  BucketStore,
  BucketTable,
  EmptyBucket,
  LeaseOrder,
  Leasing,
  Taking,
} from '../lib/bucket-store.ts';
import type { NameHash } from '../tokens/name-hash.ts';
import { numberOf, textOf } from './redis-answers.ts';
import { redisBucketScripts, type RedisBucketScripts } from './redis-bucket-scripts.ts';
import type { RedisScript } from './redis-scripts.ts';
import type { RedisStore } from './redis-store.ts';

/** Where newcomers go while a table is full. */
const sharedSlots = 1_024;

export interface RedisBucketsParts {
  readonly store: RedisStore;
  readonly names: NameHash;
  readonly table: BucketTable;
  /** Whether it can be listed: then names are kept, sealed, of buckets that have run out. */
  readonly isListed: boolean;
}

/**
 * Buckets in Redis, one table of those that all gateways share: by its clock, under names that only gateways can read,
 * gone when they are full.
 */
export class RedisBuckets implements BucketStore {
  readonly #parts: RedisBucketsParts;
  readonly #scripts: RedisBucketScripts;

  constructor(parts: RedisBucketsParts) {
    this.#parts = parts;
    this.#scripts = redisBucketScripts(parts.store.parts.time);
  }

  async take(shares: readonly BucketShare[]): Promise<Taking> {
    try {
      const [kind, index, wait] = await this.#ask(this.#scripts.take, this.#sharesOf(shares));
      if (kind === 'taken') return { kind: 'taken' };
      const share = shares[numberOf(index)];
      if (share === undefined) return { kind: 'unavailable' };
      return { kind: 'empty', key: share.key, waitMs: numberOf(wait) };
    } catch (error) {
      this.#parts.store.report(error);
      return { kind: 'unavailable' };
    }
  }

  async lease(orders: readonly LeaseOrder[]): Promise<Leasing> {
    const args = orders.flatMap(({ key, owed, rule, wanted }) => [
      ...[...this.#nameOf(key), rule.capacity, rule.refillMs],
      ...[owed, wanted],
    ]);
    try {
      const [, sharers, ...rest] = await this.#ask(this.#scripts.lease, args);
      const leases = orders.map((_, index) => ({
        granted: numberOf(rest[2 * index]),
        fullInMs: numberOf(rest[2 * index + 1]),
      }));
      return { kind: 'leased', leases, sharers: Math.max(1, numberOf(sharers)) };
    } catch (error) {
      this.#parts.store.report(error);
      return { kind: 'unavailable' };
    }
  }

  async giveBack(shares: readonly BucketShare[]): Promise<void> {
    await this.#ask(this.#scripts.giveBack, this.#sharesOf(shares));
  }

  async charge(share: BucketShare, tokens: number): Promise<void> {
    await this.#ask(this.#scripts.charge, [tokens, ...this.#sharesOf([share])]);
  }

  async listEmpty(max: number): Promise<readonly EmptyBucket[]> {
    const [, ...rows] = await this.#ask(this.#scripts.listEmpty, [max]);
    const empty: EmptyBucket[] = [];
    for (let index = 0; index + 2 < rows.length; index += 3) {
      const place = this.#placeOf(textOf(rows[index]));
      const sealed = Buffer.from(textOf(rows[index + 1]), 'base64url');
      const key = this.#parts.store.parts.values.open(place, sealed);
      if (key !== null) empty.push({ key, waitMs: numberOf(rows[index + 2]) });
    }
    return empty;
  }

  async refill(keys: readonly string[] | 'all'): Promise<number> {
    const [, count] =
      keys === 'all'
        ? await this.#ask(this.#scripts.refillAll, [])
        : await this.#ask(
            this.#scripts.refill,
            keys.map((key) => this.#nameOf(key)[0] ?? ''),
          );
    return numberOf(count);
  }

  #ask(script: RedisScript, args: readonly (string | number)[]): Promise<readonly unknown[]> {
    const { store, table } = this.#parts;
    return store.ask(script, [table.name, table.entriesMax, table.whenFull, ...args]);
  }

  #sharesOf(shares: readonly BucketShare[]): (string | number)[] {
    return shares.flatMap(({ key, rule }) => {
      const [name = '', slot = ''] = this.#nameOf(key);
      return [name, slot, rule.capacity, rule.refillMs, this.#sealed(name, key)];
    });
  }

  /** What it is known by, and where it goes while the table is full. */
  #nameOf(key: string): string[] {
    const { names, table } = this.#parts;
    const hash = names.hash(`bucket ${table.name}`, key);
    const slot = hash.readUInt16BE(0) % sharedSlots;
    return [hash.toString('base64url'), `~${String(slot)}`];
  }

  #sealed(name: string, key: string): string {
    if (!this.#parts.isListed) return '';
    return this.#parts.store.parts.values.seal(this.#placeOf(name), key).toString('base64url');
  }

  #placeOf(name: string): string {
    return `bucket ${this.#parts.table.name} ${name}`;
  }
}
