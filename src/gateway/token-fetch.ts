import { setTimeout as pause } from 'node:timers/promises';
import type { TokenCacheConfig } from '../config/token-cache.ts';
import { ZoneCopy } from '../keyval/zone-copy.ts';
import type { Zone } from '../keyval/zone.ts';
import type { Clock } from '../lib/clock.ts';
import type { TokenAnswer, TokenQuestion, TokenService } from '../tokens/token-service.ts';

export type FetchOutcome =
  | { readonly kind: 'found'; readonly copy: ZoneCopy }
  /** By the service. */
  | {
      readonly kind: 'refused';
      readonly status: 401 | 403;
      readonly challenges: readonly string[];
    }
  /** The store or the service is out, or too slow. */
  | { readonly kind: 'unavailable' }
  /** The service answers, and not with a token. */
  | { readonly kind: 'broken' };

export interface TokenFetchParts {
  readonly config: TokenCacheConfig;
  readonly zone: Zone;
  readonly service: TokenService;
  readonly clock: Clock;
  /** Of this worker, new with every start. */
  readonly holder: string;
  readonly counters: { calls: number; failures: number };
  /** Whether what is in the zone should be replaced. */
  readonly isDue: (copy: ZoneCopy) => boolean;
  readonly onFailure: (reason: string) => void;
}

/**
 * A worker that dies with a claim delays the others by this much and one look. It is renewed four times as often: a
 * process has to stand still for most of it to lose a claim.
 */
const claimMs = 800;
const renewMs = 200;
/** How often somebody who waits for another worker's token looks whether it is there. */
const lookMs = 20;

const unavailable: FetchOutcome = Object.freeze({ kind: 'unavailable' });
const broken: FetchOutcome = Object.freeze({ kind: 'broken' });

/**
 * Finds out the token of a key that the zone does not have: one worker of all asks the service, the others wait for what
 * it puts there. Nothing of an answer that is no token is kept.
 */
export class TokenFetch {
  readonly #parts: TokenFetchParts;

  constructor(parts: TokenFetchParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async fetch(question: TokenQuestion): Promise<FetchOutcome> {
    const { clock, config, holder, isDue, zone } = this.#parts;
    const { key } = question;
    const untilMs = clock.monotonic() + config.deadlineMs;
    while (clock.monotonic() < untilMs) {
      const there = await zone.read(key);
      if (there.kind === 'unavailable') return unavailable;
      if (there.kind === 'found' && !isDue(there.copy)) return there;
      const claim = await zone.claim(key, holder, claimMs);
      if (claim.kind === 'unavailable') return unavailable;
      if (claim.kind === 'held') {
        const outcome = await this.#ask(question);
        if (outcome !== 'lost') return outcome;
      } else if (there.kind === 'found') {
        return there; // somebody else refreshes it
      } else await pause(lookMs);
    }
    return unavailable;
  }

  /** With the claim in hand, which is renewed meanwhile. `lost`: something was changed that the answer does not know of. */
  async #ask(question: TokenQuestion): Promise<FetchOutcome | 'lost'> {
    const { holder, isDue, zone } = this.#parts;
    const { key } = question;
    const renewing = setInterval(() => void zone.renewClaim(key, holder, claimMs), renewMs);
    try {
      // It may have been put there between the first look and the claim.
      const there = await zone.read(key, true);
      if (there.kind === 'unavailable') return await this.#giveUp(key, unavailable);
      if (there.kind === 'found' && !isDue(there.copy)) return await this.#giveUp(key, there);
      const answer = await this.#call(question);
      clearInterval(renewing);
      if (answer.kind === 'token') return await this.#keep(key, answer);
      // What is there is good until it ends; and somebody may have put something there by hand meanwhile.
      const now = await zone.read(key, true);
      return await this.#giveUp(key, now.kind === 'found' ? now : outcomeOf(answer));
    } finally {
      clearInterval(renewing);
    }
  }

  async #call(question: TokenQuestion): Promise<TokenAnswer> {
    const { counters, onFailure, service } = this.#parts;
    counters.calls += 1;
    const answer = await service.ask(question);
    if (answer.kind === 'unavailable' || answer.kind === 'broken') {
      counters.failures += 1;
      onFailure(answer.reason);
    }
    return answer;
  }

  async #keep(
    key: string,
    { livesMs: own, token }: Extract<TokenAnswer, { kind: 'token' }>,
  ): Promise<FetchOutcome | 'lost'> {
    const { clock, config, counters, holder, onFailure, zone } = this.#parts;
    if (token.length < config.tokenLengthMin) {
      counters.failures += 1;
      onFailure('the token is too short');
      return await this.#giveUp(key, broken);
    }
    const livesMs = Math.min(zone.config.livesMs ?? Infinity, own ?? Infinity);
    const put = await zone.put({ key, value: token, livesMs }, holder);
    if (put.kind === 'put') return { kind: 'found', copy: put.copy };
    if (put.kind === 'unavailable') return unavailable;
    if (put.reason !== 'full') return 'lost';
    onFailure('the zone is full');
    // For this once: nobody else gets to see it.
    return {
      kind: 'found',
      copy: new ZoneCopy({ key, value: token, endsAtMs: clock.now() + livesMs, livesMs }),
    };
  }

  async #giveUp(key: string, outcome: FetchOutcome): Promise<FetchOutcome> {
    const { holder, zone } = this.#parts;
    await zone.renewClaim(key, holder, 0);
    return outcome;
  }
}

function outcomeOf(answer: Exclude<TokenAnswer, { kind: 'token' }>): FetchOutcome {
  switch (answer.kind) {
    case 'refused':
      return answer;
    case 'unavailable':
      return unavailable;
    case 'broken':
      return broken;
  }
}
