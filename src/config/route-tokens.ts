import { duration } from './duration.ts';
import { oneOf, word } from './kinds.ts';
import type { Options } from './read-options.ts';

/** The tokens that a route adds to its requests. */
export interface RouteTokensConfig {
  /** The name of a token cache that exists. */
  readonly cache: string;
  /** How long tokens are used that the store cannot vouch for; 0: not at all. */
  readonly staleMsMax: number;
}

export const routeTokenFields = {
  tokenCache: word('the name of a token cache')
    .optional()
    .describe(
      'Adds a token of this cache to the request. With `auth: token-cache` it decides by itself who ' +
        'passes, with the other kinds whoever passes gets it on top. Only for upstreams.',
    ),
  onStoreOutage: oneOf(['refuse', 'serve-stale'])
    .optional()
    .describe(
      'What becomes of requests with `tokenCache` while the store is out. `refuse` (the default): ' +
        '503. `serve-stale`: tokens that this worker has are used for `staleMax`; one that was ' +
        'blocked meanwhile is used as well.',
    ),
  staleMax: duration({ min: '1s', max: '1h' })
    .optional()
    .describe('How long, with `serve-stale`, 1s to 1h. Default 1m.'),
};

interface RouteTokenOptions {
  readonly tokenCache?: string | undefined;
  readonly onStoreOutage?: 'refuse' | 'serve-stale' | undefined;
  readonly staleMax?: number | undefined;
}

const staleMsUsual = 60_000;

export function routeTokensConfig({
  value: { onStoreOutage, staleMax, tokenCache },
}: Options<RouteTokenOptions>): RouteTokensConfig | null {
  if (tokenCache === undefined) return null;
  const staleMsMax = onStoreOutage === 'serve-stale' ? (staleMax ?? staleMsUsual) : 0;
  return { cache: tokenCache, staleMsMax };
}
