import { randomInt } from 'node:crypto';
import { debtFillingsMax } from './bucket-store.ts';
import type {
  BucketRule,
  BucketShare,
  BucketStore,
  BucketTable,
  EmptyBucket,
  Lease,
  LeaseOrder,
  Leasing,
  Taking,
} from './bucket-store.ts';
import type { Clock } from './clock.ts';

/** Where newcomers go while the table is full. */
const sharedSlots = 1_024;
/** Entries looked at for each new one: more leave than come as soon as they may. */
const sweepSteps = 8;
/** Sums of fractions are not exact. */
const hairTokens = 1e-6;

interface Bucket {
  /** When it will be full again (the "theoretical arrival time" of the GCRA): all that there is to know. */
  fullAtMs: number;
  readonly rule: BucketRule;
}

/**
 * The buckets of one process, at most so many. A full bucket is none, so what is kept are those that something was taken
 * from, and an entry leaves only when it is full again. Nothing that is not full is ever dropped for space: otherwise
 * whoever makes enough new names could let his own be forgotten. While the table is full new names share a fixed number
 * of buckets instead, by a hash that nobody outside can foresee. Where a table is to forget, the one that was entered
 * first goes.
 */
export class LocalBuckets implements BucketStore {
  readonly #clock: Clock;
  readonly #entriesMax: number;
  readonly #forgets: boolean;
  readonly #buckets = new Map<string, Bucket>();
  readonly #shared = new Map<number, Bucket>();
  readonly #salt = randomInt(2 ** 32);
  #hand: Iterator<[string, Bucket]> = this.#buckets.entries();

  constructor(clock: Clock, { entriesMax, whenFull }: Omit<BucketTable, 'name'>) {
    this.#clock = clock;
    this.#entriesMax = entriesMax;
    this.#forgets = whenFull === 'forget';
  }

  get size(): number {
    return this.#buckets.size;
  }

  take(shares: readonly BucketShare[]): Taking {
    const nowMs = this.#clock.monotonic();
    for (const { key, rule } of shares) {
      const waitMs = waitOf(this.#find(key), rule, nowMs);
      if (waitMs > 0) return { kind: 'empty', key, waitMs };
    }
    for (const share of shares) this.#spend(share, 1, nowMs);
    return { kind: 'taken' };
  }

  lease(orders: readonly LeaseOrder[], sharers = 1): Leasing {
    const nowMs = this.#clock.monotonic();
    const leases = orders.map((one) => this.#lease(one, sharers, nowMs));
    return { kind: 'leased', leases, sharers };
  }

  giveBack(shares: readonly BucketShare[]): void {
    const nowMs = this.#clock.monotonic();
    for (const { key, rule } of shares) {
      const bucket = this.#find(key);
      if (bucket === undefined) continue;
      bucket.fullAtMs -= rule.refillMs;
      if (bucket.fullAtMs <= nowMs) this.#buckets.delete(key);
    }
  }

  charge(share: BucketShare, tokens: number): void {
    this.#spend(share, tokens, this.#clock.monotonic());
  }

  listEmpty(max: number): readonly EmptyBucket[] {
    const nowMs = this.#clock.monotonic();
    const empty: EmptyBucket[] = [];
    for (const [key, bucket] of this.#buckets) {
      if (empty.length >= max) break;
      const waitMs = waitOf(bucket, bucket.rule, nowMs);
      if (waitMs > 0) empty.push({ key, waitMs });
    }
    return empty;
  }

  refill(keys: readonly string[] | 'all'): number {
    if (keys !== 'all') return keys.filter((key) => this.#buckets.delete(key)).length;
    const count = this.#buckets.size + this.#shared.size;
    this.#buckets.clear();
    this.#shared.clear();
    return count;
  }

  #find(key: string): Bucket | undefined {
    const own = this.#buckets.get(key);
    const isOwn = own !== undefined || this.#forgets || this.#buckets.size < this.#entriesMax;
    if (isOwn) return own;
    return this.#shared.get(this.#slotOf(key));
  }

  #spend({ key, rule }: BucketShare, tokens: number, nowMs: number): void {
    const bucket = this.#find(key) ?? this.#create(key, rule, nowMs);
    const { capacity, refillMs } = rule;
    const fullAtMs = Math.max(bucket.fullAtMs, nowMs) + tokens * refillMs;
    bucket.fullAtMs = Math.min(fullAtMs, nowMs + capacity * refillMs);
  }

  #lease({ key, owed, rule, wanted }: LeaseOrder, sharers: number, nowMs: number): Lease {
    const { capacity, refillMs } = rule;
    const depthMs = capacity * refillMs;
    const found = this.#find(key);
    const owedAtMs = Math.max(found?.fullAtMs ?? nowMs, nowMs) + owed * refillMs;
    const beforeMs = Math.min(owedAtMs, nowMs + Math.max(debtFillingsMax, sharers) * depthMs);
    const left = Math.floor((nowMs + depthMs - beforeMs) / refillMs + hairTokens);
    const granted = Math.max(0, Math.min(wanted, Math.floor(left / sharers)));
    const fullAtMs = beforeMs + granted * refillMs;
    if (fullAtMs > nowMs) (found ?? this.#create(key, rule, nowMs)).fullAtMs = fullAtMs;
    return { granted, fullInMs: fullAtMs - nowMs };
  }

  #create(key: string, rule: BucketRule, nowMs: number): Bucket {
    const bucket = { fullAtMs: nowMs, rule };
    this.#sweep(nowMs);
    if (this.#forgets && this.#buckets.size >= this.#entriesMax) {
      const [first] = this.#buckets.keys();
      if (first !== undefined) this.#buckets.delete(first);
    }
    if (this.#buckets.size < this.#entriesMax) this.#buckets.set(key, bucket);
    else this.#shared.set(this.#slotOf(key), bucket);
    return bucket;
  }

  /** Goes round and round; what is full again leaves. */
  #sweep(nowMs: number): void {
    for (let step = 0; step < sweepSteps; step += 1) {
      const next = this.#hand.next();
      if (next.done === true) {
        this.#hand = this.#buckets.entries();
        return;
      }
      const [key, bucket] = next.value;
      if (bucket.fullAtMs <= nowMs) this.#buckets.delete(key);
    }
  }

  /** FNV-1a from a beginning that nobody knows. */
  #slotOf(key: string): number {
    let hash = this.#salt;
    for (let at = 0; at < key.length; at += 1) {
      hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    }
    return ((hash ^ (hash >>> 15)) >>> 0) % sharedSlots;
  }
}

/** How long until there is a token; 0 or less: there is one. */
function waitOf(bucket: Bucket | undefined, rule: BucketRule, nowMs: number): number {
  if (bucket === undefined) return 0;
  return bucket.fullAtMs - nowMs - (rule.capacity - 1) * rule.refillMs;
}
