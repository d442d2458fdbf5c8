import type { BucketShare, BucketTable, LeaseOrder } from '../lib/bucket-store.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import { LocalBuckets } from '../lib/local-buckets.ts';
import { KnownPlaces } from '../users/known-places.ts';

/** On the pipe between a worker and its primary. */
export const countTopic = 'counts';

/** What a worker asks of the primary about attempts and requests. */
export type CountQuestion =
  | { readonly deed: 'has' | 'add'; readonly who: string; readonly where: string }
  | { readonly deed: 'of'; readonly who: string }
  | (BucketQuestion & { readonly table: BucketTable });

export type BucketQuestion =
  | { readonly deed: 'take' | 'giveBack'; readonly shares: readonly BucketShare[] }
  | { readonly deed: 'lease'; readonly orders: readonly LeaseOrder[] }
  | { readonly deed: 'charge'; readonly share: BucketShare; readonly tokens: number }
  | { readonly deed: 'listEmpty'; readonly max: number }
  | { readonly deed: 'refill'; readonly keys: readonly string[] | 'all' };

/** Failed logins. */
export function loginTable(entriesMax: number): BucketTable {
  return { name: 'login', entriesMax, whenFull: 'share' };
}

/** The counts of one node: in the process that does everything, or in the primary for all its workers. */
export class CountShelf {
  readonly buckets: LocalBuckets;
  readonly places: KnownPlaces;
  /** Of each rate limit that somebody has asked about. */
  readonly #tables = new Map<string, LocalBuckets>();
  readonly #workers: number;
  readonly #clock: Clock;

  constructor(entriesMax: number, workers = 1, clock = systemClock) {
    this.buckets = new LocalBuckets(clock, loginTable(entriesMax));
    this.places = new KnownPlaces(entriesMax);
    this.#workers = workers;
    this.#clock = clock;
  }

  /** `true` where there is nothing to say: null is no answer. */
  answer(question: CountQuestion): unknown {
    const { places } = this;
    switch (question.deed) {
      case 'has':
        return places.has(question.who, question.where);
      case 'add':
        places.add(question.who, question.where);
        return true;
      case 'of':
        return places.of(question.who);
      default:
        return this.#answer(question, this.#tableOf(question.table));
    }
  }

  #answer(question: BucketQuestion, buckets: LocalBuckets): unknown {
    switch (question.deed) {
      case 'take':
        return buckets.take(question.shares);
      case 'lease':
        return buckets.lease(question.orders, this.#workers);
      case 'giveBack':
        buckets.giveBack(question.shares);
        return true;
      case 'charge':
        buckets.charge(question.share, question.tokens);
        return true;
      case 'listEmpty':
        return buckets.listEmpty(question.max);
      case 'refill':
        return buckets.refill(question.keys);
    }
  }

  #tableOf(table: BucketTable): LocalBuckets {
    if (table.name === loginTable(0).name) return this.buckets;
    let buckets = this.#tables.get(table.name);
    if (buckets === undefined) {
      buckets = new LocalBuckets(this.#clock, table);
      this.#tables.set(table.name, buckets);
    }
    return buckets;
  }
}
