import type { HashKey } from '../config/balance.ts';
import { readCookieField } from '../http/cookie-field.ts';
import { textHash } from '../lib/text-hash.ts';
import type { UpstreamGroup } from '../upstream/group.ts';
import type { UpstreamPool } from '../wire/upstream-pool.ts';
import type { Exchange } from './exchange.ts';
import type { ForwardServer } from './upstream-target.ts';

/** What a request has to do with its server: the browser's cookie, or what it is hashed by. */
export class ServerChoice {
  readonly #group: UpstreamGroup<UpstreamPool>;
  /** Null: the policy has no use for a key. */
  readonly #hashKey: HashKey | null;
  readonly #words: () => number;

  /** `words`: random numbers of 32 bits. */
  constructor(group: UpstreamGroup<UpstreamPool>, words: () => number) {
    const { balance, hashKey } = group.config;
    this.#group = group;
    this.#hashKey = balance === 'hash' ? hashKey : null;
    this.#words = words;
  }

  /** Null: nobody is left who may be asked. */
  next(exchange: Exchange, nowMs: number): ForwardServer | null {
    const group = this.#group;
    if (group.sticky !== null) {
      takeStickyToken(exchange, group.sticky.cookie);
      const kept = group.kept(nowMs, exchange.tried, exchange.stickyToken);
      if (kept !== null) return kept;
    }
    const key = this.#hashKey === null ? 0 : this.#keyOf(exchange, this.#hashKey);
    return group.pick(nowMs, exchange.tried, key);
  }

  /** A request that has no such thing goes anywhere: to one server they would all go. */
  #keyOf(exchange: Exchange, hashKey: HashKey): number {
    const text = textOf(exchange, hashKey);
    return text === undefined ? this.#words() : textHash(text);
  }
}

function textOf(exchange: Exchange, hashKey: HashKey): string | undefined {
  const { bearer, live } = exchange;
  switch (hashKey.by) {
    case 'address':
      return exchange.clientAddress;
    case 'header':
      return exchange.field(hashKey.field);
    case 'session':
      return live?.session.id ?? bearer?.principal.subject;
    case 'user':
      return live?.session.principal.subject ?? bearer?.principal.subject;
  }
}

/** The application does not see it: it is about the gateway's own network. */
function takeStickyToken(exchange: Exchange, cookie: string): void {
  if (exchange.cookieRest === '') return;
  const { count, rest, value } = readCookieField(exchange.cookieRest, cookie, []);
  if (count === 0) return;
  exchange.cookieRest = rest;
  exchange.stickyToken = count === 1 ? value : '';
}
