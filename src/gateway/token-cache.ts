import { randomBytes, randomInt } from 'node:crypto';
import type { TokenCacheConfig } from '../config/token-cache.ts';
import type { ZoneCopy } from '../keyval/zone-copy.ts';
import type { Zone } from '../keyval/zone.ts';
import type { Clock } from '../lib/clock.ts';
import type { TokenService, TokenSubject } from '../tokens/token-service.ts';
import type { Exchange } from './exchange.ts';
import { TokenFetch, type FetchOutcome } from './token-fetch.ts';
import { tokenSubjectOf } from './token-subject.ts';

/** What a request gets: a token or a block (`TokenCache.isToken` says which), or why there is neither. */
export type TokenOutcome =
  | FetchOutcome
  /** Good until the store fell silent. */
  | { readonly kind: 'stale'; readonly copy: ZoneCopy }
  | { readonly kind: 'overloaded' };

/** How many requests went which way; `calls` of the service, whatever became of them. */
export interface TokenCacheCounters {
  hits: number;
  stale: number;
  misses: number;
  refreshes: number;
  calls: number;
  failures: number;
  waiting: number;
}

export interface TokenCacheParts {
  readonly config: TokenCacheConfig;
  readonly zone: Zone;
  readonly service: TokenService;
  readonly clock: Clock;
  readonly onFailure: (reason: string) => void;
}

/** After a refresh that brought nothing; half of it more by chance, so that keys and workers part. */
const retryMs = 1_000;
/** Refreshes under way at once. Who finds no place uses the old token, and the next one tries again. */
const refreshesMax = 64;

const unjudged = 0;
const isGood = 1;
const isBlock = 2;

/** What a token may be: one field value without blanks. */
const fit = /^[\x21-\x7e]+$/;

/**
 * The tokens of one kind, by their keys: in the zone, fetched by one worker of all where they are missing. A hit costs a
 * look-up.
 */
export class TokenCache {
  readonly config: TokenCacheConfig;
  readonly counters: TokenCacheCounters = {
    ...{ hits: 0, stale: 0, misses: 0, refreshes: 0, calls: 0, failures: 0, waiting: 0 },
  };
  readonly #zone: Zone;
  readonly #clock: Clock;
  readonly #fetch: TokenFetch;
  readonly #underWay = new Map<string, Promise<FetchOutcome>>();
  #refreshing = 0;

  constructor(parts: TokenCacheParts) {
    const { config, zone } = parts;
    this.config = config;
    this.#zone = zone;
    this.#clock = parts.clock;
    this.#fetch = new TokenFetch({
      ...parts,
      counters: this.counters,
      holder: randomBytes(8).toString('hex'),
      isDue: (copy) => this.#isDue(copy, parts.clock.now()),
    });
  }

  /**
   * What is known here to be good: a token, or a block. Nothing is allocated and nothing waits, but for the request that
   * finds that a token is to be refreshed.
   */
  peek(
    key: string,
    nowMs: number,
    asking: Pick<Exchange, 'bearer' | 'live'>,
  ): ZoneCopy | undefined {
    const copy = this.#zone.peek(key, nowMs);
    if (copy === undefined) return undefined;
    this.counters.hits += 1;
    if (this.#isDue(copy, nowMs) && this.#refreshing < refreshesMax && !this.#underWay.has(key)) {
      void this.#refresh(key, tokenSubjectOf(asking));
    }
    return copy;
  }

  /** The same for whoever only looks: it counts nowhere, and nothing is refreshed for it. */
  look(key: string, nowMs: number): ZoneCopy | undefined {
    return this.#zone.peek(key, nowMs);
  }

  /** For a key that `peek` knows nothing of. `staleMsMax`: for how long the store may have been out. */
  async resolve(
    key: string,
    subject: TokenSubject | null,
    staleMsMax: number,
  ): Promise<TokenOutcome> {
    const { deadlineMs, waitersMax } = this.config;
    if (this.counters.waiting >= waitersMax || !this.#mayBegin(key)) return { kind: 'overloaded' };
    this.counters.misses += 1;
    this.counters.waiting += 1;
    const { promise: late, resolve } = Promise.withResolvers<FetchOutcome>();
    const timer = setTimeout(() => resolve({ kind: 'unavailable' }), deadlineMs);
    try {
      const outcome = await Promise.race([this.#begin(key, subject), late]);
      if (outcome.kind !== 'unavailable' || staleMsMax === 0) return outcome;
      const copy = this.#zone.peekStale(key, this.#clock.now(), staleMsMax);
      if (copy === undefined) return outcome;
      this.counters.stale += 1;
      return { kind: 'stale', copy };
    } finally {
      clearTimeout(timer);
      this.counters.waiting -= 1;
    }
  }

  /** Whether what `peek` or `resolve` gave is still good. */
  holds(copy: ZoneCopy, nowMs: number, staleMsMax: number): boolean {
    return this.#zone.holds(copy, nowMs, staleMsMax);
  }

  /** False: it is a block. */
  isToken(copy: ZoneCopy): boolean {
    if (copy.mark === unjudged) {
      const { value } = copy;
      const isFit = value.length >= this.config.tokenLengthMin && fit.test(value);
      copy.mark = isFit ? isGood : isBlock;
    }
    return copy.mark === isGood;
  }

  /** Fetches outlive the requests that gave up on them. */
  #mayBegin(key: string): boolean {
    const fetches = this.#underWay.size - this.#refreshing;
    return fetches < this.config.waitersMax || this.#underWay.has(key);
  }

  async #refresh(key: string, subject: TokenSubject | null): Promise<void> {
    this.counters.refreshes += 1;
    this.#refreshing += 1;
    const outcome = await this.#begin(key, subject);
    this.#refreshing -= 1;
    const nowMs = this.#clock.now();
    const copy = outcome.kind === 'found' ? outcome.copy : this.#zone.peek(key, nowMs);
    if (copy === undefined || !this.#isDue(copy, nowMs)) return;
    copy.keptUntilMs = nowMs + retryMs + randomInt(retryMs / 2);
  }

  /** One at a time for each key; whoever wants the same waits for the same. */
  #begin(key: string, subject: TokenSubject | null): Promise<FetchOutcome> {
    const known = this.#underWay.get(key);
    if (known !== undefined) return known;
    const fetching = this.#fetch
      .fetch({ key, claims: subject })
      .finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, fetching);
    return fetching;
  }

  #isDue(copy: ZoneCopy, nowMs: number): boolean {
    const aheadMs = Math.min(this.config.refreshAheadMs, (copy.livesMs ?? Infinity) / 2);
    return copy.endsAtMs - nowMs < aheadMs && copy.keptUntilMs <= nowMs && this.isToken(copy);
  }
}
