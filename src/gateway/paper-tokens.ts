import { ZoneCopy } from '../keyval/zone-copy.ts';
import type { IssuingCache } from './route-tokens.ts';
import type { TokenCache, TokenOutcome } from './token-cache.ts';

/** Stands for a token that this process does not hold. */
export const tokenToFetch = '(a token would be fetched)';

/** A token cache that is only looked into: no store and no service is asked for what is missing. */
export class PaperTokens implements IssuingCache {
  readonly #cache: Pick<TokenCache, 'config' | 'holds' | 'isToken' | 'look'>;
  /** Whether a request met a key that is not known here, so what the service would say is not known. */
  isMissed = false;

  constructor(cache: Pick<TokenCache, 'config' | 'holds' | 'isToken' | 'look'>) {
    this.#cache = cache;
  }

  get config(): TokenCache['config'] {
    return this.#cache.config;
  }

  peek(key: string, nowMs: number): ZoneCopy | undefined {
    return this.#cache.look(key, nowMs);
  }

  resolve(key: string): Promise<TokenOutcome> {
    this.isMissed = true;
    const copy = new ZoneCopy({ key, value: tokenToFetch, endsAtMs: Infinity, livesMs: null });
    return Promise.resolve({ kind: 'found', copy });
  }

  holds(copy: ZoneCopy, nowMs: number, staleMsMax: number): boolean {
    return copy.value === tokenToFetch || this.#cache.holds(copy, nowMs, staleMsMax);
  }

  isToken(copy: ZoneCopy): boolean {
    return copy.value === tokenToFetch || this.#cache.isToken(copy);
  }
}
