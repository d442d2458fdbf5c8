/** How many tokens a bucket holds, and how long it takes to get one back. It begins full. */
export interface BucketRule {
  readonly capacity: number;
  readonly refillMs: number;
}

/** One token of one bucket. A bucket has the same rule in every call. */
export interface BucketShare {
  readonly key: string;
  readonly rule: BucketRule;
}

export type Taking =
  | { readonly kind: 'taken' }
  /** There is a token in `key`, the first bucket without one, in so many milliseconds. */
  | { readonly kind: 'empty'; readonly key: string; readonly waitMs: number }
  | { readonly kind: 'unavailable' };

/** A bucket that has run out. */
export interface EmptyBucket {
  readonly key: string;
  readonly waitMs: number;
}

/**
 * Token buckets by name: what counts attempts of any kind against a rate. A store of this process answers at once, one
 * that several processes share answers later.
 */
export interface BucketStore {
  /** One token of each, or none of any: whoever is refused by one has cost the others nothing. */
  take(shares: readonly BucketShare[]): Taking | Promise<Taking>;
  /** Undoes a `take`. */
  giveBack(shares: readonly BucketShare[]): void | Promise<void>;
  /** Takes a token also where there is none. */
  charge(share: BucketShare): void | Promise<void>;
  listEmpty(max: number): readonly EmptyBucket[] | Promise<readonly EmptyBucket[]>;
  /** Fills these again, or all; returns how many that were. */
  refill(keys: readonly string[] | 'all'): number | Promise<number>;
}
