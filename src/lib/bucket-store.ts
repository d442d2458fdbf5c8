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

/** What somebody has used of a bucket already, and how much he would like to have ahead. */
export interface LeaseOrder {
  readonly key: string;
  readonly rule: BucketRule;
  /** Tokens that are taken also where there are none: the bucket then is empty for longer. */
  readonly owed: number;
  /** As many of these as there are, but nobody has ahead more than his part of them. */
  readonly wanted: number;
}

export interface Lease {
  readonly granted: number;
  /** Until the bucket is full again if nobody else comes. */
  readonly fullInMs: number;
}

export type Leasing =
  /** One for each order; `sharers`: how many processes have leases of these buckets. */
  | { readonly kind: 'leased'; readonly leases: readonly Lease[]; readonly sharers: number }
  | { readonly kind: 'unavailable' };

/** A bucket that has run out. */
export interface EmptyBucket {
  readonly key: string;
  readonly waitMs: number;
}

/** Buckets that are kept together. */
export interface BucketTable {
  readonly name: string;
  readonly entriesMax: number;
  /**
   * What becomes of newcomers while it is full. `share`: they have a fixed number of buckets between them, so that
   * nobody's is forgotten. `forget`: they take the place of one that will soon be full.
   */
  readonly whenFull: 'share' | 'forget';
}

/**
 * Tokens that somebody may owe, in fillings of the bucket: what many processes let through at the same moment. One of
 * each process where they are more.
 */
export const debtFillingsMax = 16;

/**
 * Token buckets by name: what counts attempts of any kind against a rate. A store of this process answers at once, one
 * that several processes share answers later. `take` and `lease` say where it does not answer; the others may reject.
 */
export interface BucketStore {
  /** One token of each, or none of any: whoever is refused by one has cost the others nothing. */
  take(shares: readonly BucketShare[]): Taking | Promise<Taking>;
  /** Many tokens at a time, for those who cannot ask each time. */
  lease(orders: readonly LeaseOrder[]): Leasing | Promise<Leasing>;
  /** Undoes a `take`. */
  giveBack(shares: readonly BucketShare[]): void | Promise<void>;
  /** Takes tokens also where there are none; none is owed. */
  charge(share: BucketShare, tokens: number): void | Promise<void>;
  listEmpty(max: number): readonly EmptyBucket[] | Promise<readonly EmptyBucket[]>;
  /** Fills these again, or all; returns how many that were. */
  refill(keys: readonly string[] | 'all'): number | Promise<number>;
}
