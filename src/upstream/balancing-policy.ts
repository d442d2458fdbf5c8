/** A server, as far as its turn depends on it. */
export interface Candidate {
  /** Requests under way. */
  readonly inFlight: number;
  /** What it may take now, compared with the others; above 0. */
  readonly share: number;
  /** The same as long as its address is, in every process. */
  readonly seed: number;
  /** Belongs to round robin: what the server is owed. */
  credit: number;
}

/** How a group chooses among the servers that may be asked. Called for each request: allocates nothing. */
export interface BalancingPolicy {
  /**
   * Which of the first `count` candidates is to be asked; `count` is at least 1. `key` has 32 bits that are the same for
   * requests that belong together, and random ones where there is nothing that they could belong to.
   */
  choose(candidates: readonly Candidate[], count: number, key: number): number;
}
