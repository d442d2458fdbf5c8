import type { BucketShare } from '../lib/bucket-store.ts';
import { systemClock } from '../lib/clock.ts';
import { LocalBuckets } from '../lib/local-buckets.ts';
import { KnownPlaces } from '../users/known-places.ts';

/** On the pipe between a worker and its primary. */
export const throttleTopic = 'throttle';

/** What a worker asks of the primary about attempts. */
export type ThrottleQuestion =
  | { readonly deed: 'take' | 'giveBack'; readonly shares: readonly BucketShare[] }
  | { readonly deed: 'charge'; readonly share: BucketShare }
  | { readonly deed: 'listEmpty'; readonly max: number }
  | { readonly deed: 'refill'; readonly keys: readonly string[] | 'all' }
  | { readonly deed: 'has' | 'add'; readonly who: string; readonly where: string }
  | { readonly deed: 'of'; readonly who: string };

/** The counts of attempts of one node: in the process that does everything, or in the primary for all its workers. */
export class ThrottleShelf {
  readonly buckets: LocalBuckets;
  readonly places: KnownPlaces;

  constructor(entriesMax: number) {
    this.buckets = new LocalBuckets(systemClock, entriesMax);
    this.places = new KnownPlaces(entriesMax);
  }

  /** `true` where there is nothing to say: null is no answer. */
  answer(question: ThrottleQuestion): unknown {
    const { buckets, places } = this;
    switch (question.deed) {
      case 'take':
        return buckets.take(question.shares);
      case 'giveBack':
        buckets.giveBack(question.shares);
        return true;
      case 'charge':
        buckets.charge(question.share);
        return true;
      case 'listEmpty':
        return buckets.listEmpty(question.max);
      case 'refill':
        return buckets.refill(question.keys);
      case 'has':
        return places.has(question.who, question.where);
      case 'add':
        places.add(question.who, question.where);
        return true;
      case 'of':
        return places.of(question.who);
    }
  }
}
