import { hash } from 'node:crypto';
import type { RateLimitConfig } from '../config/rate-limit.ts';
import { networkOf } from '../lib/network-of.ts';
import type { Exchange } from './exchange.ts';
import type { RequestBudget } from './request-budget.ts';

/** Strangers choose how long a field is; a longer one is known by its digest. */
const keyCharactersMax = 64;

/** One limit of the configuration, with what it has refused. */
export class RateLimit {
  readonly name: string;
  /** It can be judged before anybody has asked who it is. */
  readonly isEarly: boolean;
  refused = 0;
  readonly #config: RateLimitConfig;
  readonly #budget: RequestBudget;

  constructor(config: RateLimitConfig, budget: RequestBudget) {
    this.name = config.name;
    this.isEarly = config.key.by === 'address' || config.key.by === 'header';
    this.#config = config;
    this.#budget = budget;
  }

  /** 0: within the limit, and counted. Else for how many milliseconds it is not. */
  take(exchange: Exchange, nowMs: number): number {
    const waitMs = this.#budget.take(this.#keyOf(exchange), nowMs);
    if (waitMs > 0) this.refused++;
    return waitMs;
  }

  /** Keys of different kinds never meet: an address is no name of a user, nor a value of a field. */
  #keyOf(exchange: Exchange): string {
    const { key } = this.#config;
    const { bearer, clientAddress, live } = exchange;
    switch (key.by) {
      case 'address':
        return networkOf(clientAddress);
      case 'header': {
        const value = exchange.field(key.field);
        if (value === undefined) return networkOf(clientAddress);
        if (value.length <= keyCharactersMax) return `=${value}`;
        return `~${hash('sha256', value, 'base64url')}`;
      }
      case 'user': {
        const principal = live?.session.principal ?? bearer?.principal;
        return principal === undefined
          ? networkOf(clientAddress)
          : `@${principal.directory}/${principal.subject}`;
      }
      case 'session':
        // Longer than any address, and nothing that is made for each request: its hash is known.
        if (live !== null) return live.session.id;
        return bearer === null ? networkOf(clientAddress) : `@${bearer.principal.subject}`;
    }
  }
}

/** The longest wait of all limits that a request is over; 0 where it is within all of them, and counted by each. */
export function waitFor(exchange: Exchange, limits: readonly RateLimit[], nowMs: number): number {
  let longestMs = 0;
  for (const limit of limits) longestMs = Math.max(longestMs, limit.take(exchange, nowMs));
  return longestMs;
}
