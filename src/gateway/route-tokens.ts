import type { TokenCache } from './token-cache.ts';
import type { TokenKey } from './token-key.ts';

/** What phases want of a token cache. */
export type IssuingCache = Pick<TokenCache, 'config' | 'holds' | 'isToken' | 'peek' | 'resolve'>;

/** The tokens that a route adds to its requests. */
export interface RouteTokens {
  readonly cache: IssuingCache;
  readonly key: TokenKey;
  /** How long they are used that the store cannot vouch for; 0: not at all. */
  readonly staleMsMax: number;
}
