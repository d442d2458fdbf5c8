import type * as z from 'zod';
import { duration } from './duration.ts';
import { isFreeField } from './identity.ts';
import { listOf, optionBlock, text, textThat, wholeNumber, word } from './kinds.ts';
import { partAt, readNamed, readOptions, type Part } from './read-options.ts';
import { readTokenService, tokenServiceOptions, type TokenServiceConfig } from './token-service.ts';

/**
 * One part of the key that a token is known by. `user`: directory and name; `principal`: everything that is known of the
 * user, so that a new role is a new key; `session`: of the login.
 */
export type TokenKeyPart =
  | { readonly by: 'address' | 'host' | 'user' | 'session' | 'principal' }
  | { readonly by: 'header'; /** Lower case. */ readonly field: string };

/** Tokens for upstreams, fetched once per key and kept in a zone. */
export interface TokenCacheConfig {
  readonly name: string;
  /** The name of a zone that exists, and that no other token cache has. */
  readonly zone: string;
  readonly key: readonly TokenKeyPart[];
  /** Places in `key` of what has to be there, and how long at least. */
  readonly required: readonly number[];
  readonly requiredLengthMin: number;
  /** The field that brings the token to upstreams. */
  readonly field: string;
  /** A value that is shorter is no token but a block. */
  readonly tokenLengthMin: number;
  /** How long before its end a token is fetched anew. */
  readonly refreshAheadMs: number;
  /** Requests that wait for tokens at once, in this worker. */
  readonly waitersMax: number;
  readonly deadlineMs: number;
  readonly service: TokenServiceConfig;
}

const partPattern = /^(?:address|host|user|session|principal|header:[A-Za-z0-9-]{1,100})$/;
const partExpected =
  'address, host, user, session, principal, or header: with a field name, such as header:Remote-User';
const keyPart = text(partPattern, partExpected);

const tokenCacheFields = {
  zone: word('the name of a zone').describe(
    'The zone that the tokens are kept in: one with a timeout, and of this cache alone. Who can ' +
      'the keyval API for it can read and block them.',
  ),
  key: listOf(keyPart, 'parts of the key')
    .min(1, { error: 'a list of at least one part' })
    .describe(
      'What a token belongs to, in this order: `header:Remote-User` (a request field), `address` ' +
        '(of the client, as trustedProxies have it), `host`, `user`, `session`, and `principal` ' +
        '(the user with role and groups). Joined with `:`; `:`, `%` and everything that is no ' +
        'printable ASCII is percent-encoded within a part. A key of fields that clients send ' +
        'authenticates nobody: whoever sends the same fields gets the same token.',
    ),
  required: listOf(keyPart, 'parts of the key')
    .default([])
    .describe('Parts without which a request is refused (403). Default: none.'),
  requiredLengthMin: wholeNumber({ min: 1, max: 1_000 })
    .default(1)
    .describe('How long each of those has to be, 1 to 1000 characters. Default 1.'),
  field: textThat(isFreeField, /^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'a field name such as X-Authkey')
    .default('X-Authkey')
    .describe(
      'The request field that brings the token to upstreams. Default `X-Authkey`. What a client ' +
        'sends of that name is removed, in every spelling and on every route.',
    ),
  minTokenLength: wholeNumber({ min: 1, max: 1_000 })
    .default(10)
    .describe(
      'A value of fewer characters is no token but a block: requests get 403 until it ends. ' +
        'Default 10. `"0"` blocks in any case.',
    ),
  refreshAhead: duration({ min: '1s', max: '1h', zero: 'no refresh ahead' })
    .prefault('30s')
    .describe(
      'How long before its end a token is fetched anew, 1s to 1h; the old one is used meanwhile. ' +
        'Default 30s. Less than half of its life, whatever this says.',
    ),
  waitersMax: wholeNumber({ min: 1, max: 100_000 })
    .default(1_000)
    .describe(
      'How many requests may wait for tokens at once, 1 to 100000 in each worker; more are answered ' +
        '503 at once. Default 1000.',
    ),
  deadline: duration({ min: '100ms', max: '1m' })
    .prefault('5s')
    .describe('How long a request waits for its token, 100ms to 1m; then 503. Default 5s.'),
};

export const tokenCacheOptions = optionBlock({
  ...tokenCacheFields,
  service: tokenServiceOptions,
}).describe('Tokens for upstreams: fetched once per key, kept in a zone, added to requests.');

/** The service is read by itself: what is wrong there hides nothing here. */
const ownFields = optionBlock({
  ...tokenCacheFields,
  service: tokenServiceOptions.optional().catch(undefined),
});

/** One token cache as far as it could be read. */
export interface TokenCacheDraft {
  readonly name: string;
  readonly part: Part;
  readonly config: TokenCacheConfig | undefined;
}

export function readTokenCaches(part: Part, configPath: string): readonly TokenCacheDraft[] {
  return readNamed(part).map(({ name, part: inner }) => {
    const options = readOptions(ownFields, inner);
    const service = readTokenService(partAt(inner, 'service'), configPath);
    if (options === undefined) return { name, part: inner, config: undefined };
    const required = placesOf(options.value, inner);
    return {
      name,
      part: inner,
      config: service && tokenCacheConfig(name, options.value, required, service),
    };
  });
}

function tokenCacheConfig(
  name: string,
  options: z.output<typeof ownFields>,
  required: readonly number[],
  service: TokenServiceConfig,
): TokenCacheConfig {
  return {
    name,
    zone: options.zone,
    key: options.key.map(partOf),
    required,
    requiredLengthMin: options.requiredLengthMin,
    field: options.field,
    tokenLengthMin: Math.max(2, options.minTokenLength),
    refreshAheadMs: options.refreshAhead,
    waitersMax: options.waitersMax,
    deadlineMs: options.deadline,
    service,
  };
}

function placesOf({ key, required }: z.output<typeof ownFields>, part: Part): number[] {
  const keys = key.map((one) => one.toLowerCase());
  return required.flatMap((one, index) => {
    const place = keys.indexOf(one.toLowerCase());
    if (place >= 0) return [place];
    const message = `is ${JSON.stringify(one)}, which is no part of the key`;
    part.document.problems.add(
      [...part.path, 'required', index],
      message,
      'expected a part of key',
    );
    return [];
  });
}

function partOf(written: string): TokenKeyPart {
  if (written.startsWith('header:')) {
    return { by: 'header', field: written.slice('header:'.length).toLowerCase() };
  }
  switch (written) {
    case 'host':
    case 'user':
    case 'session':
    case 'principal':
      return { by: written };
    default:
      return { by: 'address' };
  }
}
