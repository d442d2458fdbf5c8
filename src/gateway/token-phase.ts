import type { Situation } from '../http/answer-table.ts';
import type { ZoneCopy } from '../keyval/zone-copy.ts';
import type { Clock } from '../lib/clock.ts';
import type { Exchange } from './exchange.ts';
import type { RouteTokens } from './route-tokens.ts';
import type { TokenOutcome } from './token-cache.ts';
import { tokenSubjectOf } from './token-subject.ts';

/** A token that is changed as fast as it is fetched is none. */
const roundsMax = 3;

/** Whom the outcome is told to: the pipeline. */
export interface TokenPhaseOwner {
  readonly clock: Clock;
  /** The exchange has its token. */
  issued(exchange: Exchange): void;
  say(exchange: Exchange, situation: Situation): void;
  /** The service wants to know who it is. */
  challenge(exchange: Exchange, challenges: readonly string[]): void;
  broke(exchange: Exchange, error: unknown): void;
}

/** As far as it matters for what was issued to it. */
type IssuedExchange = Pick<Exchange, 'cacheStatus' | 'issued'> & {
  readonly route: { readonly tokens: RouteTokens | null } | null;
};

/** The phase that gets a request its token for the upstream. On a hit nothing here makes a promise or a closure. */
export class TokenPhase {
  readonly #owner: TokenPhaseOwner;

  constructor(owner: TokenPhaseOwner) {
    this.#owner = owner;
  }

  issue(exchange: Exchange, tokens: RouteTokens): void {
    const key = tokens.key.of(exchange);
    if (key === null) {
      this.#owner.say(exchange, 'forbidden');
      return;
    }
    exchange.tokenKey = key;
    const copy = tokens.cache.peek(key, this.#owner.clock.now(), exchange);
    if (copy === undefined) this.#resolve(exchange, tokens, key);
    else {
      exchange.cacheStatus = 'HIT';
      this.#take(exchange, tokens, copy);
    }
  }

  /** Whether what was issued would be issued now. */
  holds(exchange: IssuedExchange): boolean {
    const { issued, route } = exchange;
    const tokens = route?.tokens;
    if (issued === null || tokens === null || tokens === undefined) return true;
    return tokens.cache.holds(issued, this.#owner.clock.now(), staleMsMaxOf(exchange, tokens));
  }

  #resolve(exchange: Exchange, tokens: RouteTokens, key: string): void {
    exchange.cacheStatus = 'MISS';
    tokens.cache.resolve(key, tokenSubjectOf(exchange), tokens.staleMsMax).then(
      (outcome) => {
        if (!exchange.isEnded) this.#resolved(exchange, tokens, outcome);
      },
      (error: unknown) => this.#owner.broke(exchange, error),
    );
  }

  #resolved(exchange: Exchange, tokens: RouteTokens, outcome: TokenOutcome): void {
    const owner = this.#owner;
    switch (outcome.kind) {
      case 'found':
        this.#take(exchange, tokens, outcome.copy);
        break;
      case 'stale':
        exchange.cacheStatus = 'STALE';
        this.#take(exchange, tokens, outcome.copy);
        break;
      case 'refused':
        if (outcome.status === 403) owner.say(exchange, 'forbidden');
        else owner.challenge(exchange, outcome.challenges);
        break;
      case 'broken':
        owner.say(exchange, 'internalError');
        break;
      case 'unavailable':
        owner.say(exchange, 'unavailable');
        break;
      case 'overloaded':
        owner.say(exchange, 'overloaded');
        break;
    }
  }

  /** In the turn in which it was found. Between the fetch and this turn somebody may have changed it. */
  #take(exchange: Exchange, tokens: RouteTokens, copy: ZoneCopy): void {
    if (!tokens.cache.isToken(copy)) this.#owner.say(exchange, 'forbidden');
    else if (!tokens.cache.holds(copy, this.#owner.clock.now(), staleMsMaxOf(exchange, tokens))) {
      this.#again(exchange, tokens);
    } else {
      exchange.issued = copy;
      this.#owner.issued(exchange);
    }
  }

  #again(exchange: Exchange, tokens: RouteTokens): void {
    exchange.tokenRounds += 1;
    if (exchange.tokenRounds > roundsMax) this.#owner.say(exchange, 'unavailable');
    else this.#resolve(exchange, tokens, exchange.tokenKey);
  }
}

/** Only what was found stale may be so: whoever could have asked the store asks it again. */
function staleMsMaxOf(
  { cacheStatus }: Pick<Exchange, 'cacheStatus'>,
  { staleMsMax }: RouteTokens,
): number {
  return cacheStatus === 'STALE' ? staleMsMax : 0;
}
