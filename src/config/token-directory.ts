import * as z from 'zod';
import { readAuthorities } from './authorities.ts';
import { isLoopback } from './address.ts';
import { duration } from './duration.ts';
import { listOf, oneOf, optionBlock, text, textThat, wholeNumber } from './kinds.ts';
import type { Part } from './read-options.ts';
import { readOptions } from './read-options.ts';
import { fallbackRole, roleRules, type RoleRule } from './role-rule.ts';
import { secretFile } from './secret-source.ts';

/** The signature algorithms of third-party tokens that can be checked. All are asymmetric, and `none` is none. */
const tokenAlgorithms = [
  ...(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES384', 'ES512', 'EdDSA'] as const),
] as const;

export type TokenAlgorithm = (typeof tokenAlgorithms)[number];

/** Where a claim is: its name, or the names on the way to it. */
export type ClaimPath = readonly string[];

/** Users whom an identity provider vouches for with signed tokens. */
export interface TokenDirectoryConfig {
  readonly type: 'token';
  readonly name: string;
  /** Compared exactly. */
  readonly issuer: string;
  /** One of these has to be among the token's. */
  readonly audiences: readonly string[];
  readonly algorithms: readonly TokenAlgorithm[];
  readonly keys: ProviderKeysConfig;
  readonly clockToleranceMs: number;
  readonly claims: {
    readonly subject: ClaimPath;
    readonly groups: ClaimPath;
    readonly role: ClaimPath | null;
  };
  readonly roles: readonly RoleRule[];
  readonly role: string;
  readonly bearer: { readonly cacheMs: number; readonly entriesMax: number };
}

export interface ProviderKeysConfig {
  /** The JWKS; null: the issuer's discovery document says where it is. */
  readonly url: string | null;
  /** PEM; null: the authorities that Node trusts. */
  readonly ca: string | null;
  readonly timeoutMs: number;
  /** Between two questions to the provider, whatever tokens come. */
  readonly cooldownMs: number;
  readonly refreshMs: number;
  /** How long keys are good that could not be read again. */
  readonly ageMsMax: number;
}

const claimExpected = 'the name of a claim, or the list of names on the way to it';

function claim() {
  const name = text(/^.{1,200}$/u, claimExpected);
  return z.union([name, z.array(name, { error: claimExpected }).min(1).max(8)], {
    error: claimExpected,
  });
}

const urlExpected = 'an https:// address (http:// only on this machine)';
const address = () => textThat(isAddress, /^https?:\/\/[^\s#]+$/, urlExpected);

const keysOptions = optionBlock({
  url: address()
    .optional()
    .describe(
      'Where the provider publishes its keys (its JWKS). Default: what its discovery document ' +
        'says, below the issuer at `/.well-known/openid-configuration`.',
    ),
  caFile: secretFile()
    .optional()
    .describe(
      'A PEM file with the authorities that may have signed the provider’s certificate, in place of ' +
        'those that Node trusts; relative to the folder of this configuration.',
    ),
  timeout: duration({ min: '100ms', max: '1m' })
    .prefault('5s')
    .describe('How long the provider may take to answer, 100ms to 1m. Default 5s.'),
  cooldown: duration({ min: '100ms', max: '1h' })
    .prefault('30s')
    .describe(
      'How long the provider is left alone after each question, 100ms to 1h. Default 30s. A token ' +
        'with an unknown key makes us ask, so without it everybody could make us flood the provider; ' +
        'a key is known that much later at most.',
    ),
  refresh: duration({ min: '1s', max: '1d' })
    .prefault('10m')
    .describe(
      'How old known keys are when they are read again, 1s to 1d. Default 10m: a key that the ' +
        'provider withdraws is good for that long.',
    ),
  maxAge: duration({ min: '1s', max: '30d' })
    .prefault('4h')
    .describe(
      'How old known keys may become while the provider does not answer, 1s to 30d. Default 4h. ' +
        'After that tokens are answered 503. Longer bridges longer outages; but whoever keeps us from ' +
        'the provider also keeps a stolen key good.',
    ),
});

const bearerOptions = optionBlock({
  cache: duration({ min: '1s', max: '1h' })
    .prefault('5m')
    .describe(
      'How long a token that was found good is taken without looking again, 1s to 1h; never beyond ' +
        'its own end. Default 5m: a withdrawn key is good that much longer.',
    ),
  entriesMax: wholeNumber({ min: 1, max: 1_000_000 })
    .default(10_000)
    .describe('How many such tokens are remembered, 1 to 1000000. Default 10000.'),
});

export const tokenDirectoryOptions = optionBlock({
  type: oneOf(['token']).describe(
    '`token`: an identity provider vouches for users with signed tokens (JWT).',
  ),
  issuer: address().describe(
    'Who issues the tokens: the claim `iss`, compared exactly, the last slash included.',
  ),
  audiences: listOf(text(/^.{1,500}$/u, 'an audience'), 'audiences')
    .min(1, { error: 'a list with at least one audience' })
    .describe(
      'Whom the tokens are for: one of these has to be in the claim `aud`. Without it a token that ' +
        'was issued for any other application would log its user in here.',
    ),
  algorithms: listOf(oneOf(tokenAlgorithms), 'algorithms')
    .min(1, { error: 'a list with at least one algorithm' })
    .default(['RS256', 'ES256', 'EdDSA'])
    .describe(
      'The signature algorithms that are accepted. Each key serves one of them: the one it says it ' +
        'is for, else the first here that fits it. Default RS256, ES256, EdDSA.',
    ),
  keys: keysOptions.prefault({}).describe('How the keys of the provider are got.'),
  clockTolerance: duration({ min: '0s', max: '5m' })
    .prefault('30s')
    .describe('How far the clocks of the provider and ours may differ, 0s to 5m. Default 30s.'),
  claims: optionBlock({
    subject: claim()
      .prefault('sub')
      .describe(
        'The claim with the name of the user. Default `sub`. Take no other that users can change, ' +
          'or that may be given to somebody else later.',
      ),
    groups: claim().prefault('groups').describe('The claim with the groups. Default `groups`.'),
    role: claim()
      .optional()
      .describe(
        'The claim with the role, for those whom no rule of `roles` gives one. Default: none. ' +
          'Whoever can set it can make users staff.',
      ),
  })
    .prefault({})
    .describe('Which claims say what; a list such as [realm_access, roles] leads into a claim.'),
  roles: roleRules('as the claim spells it.'),
  role: fallbackRole(),
  bearer: bearerOptions.prefault({}).describe('Tokens that come with each request.'),
}).describe('Users whom an identity provider vouches for with signed tokens.');

export function readTokenDirectory(
  part: Part,
  name: string,
  configPath: string,
): TokenDirectoryConfig | undefined {
  const options = readOptions(tokenDirectoryOptions, part);
  if (options === undefined) return undefined;
  const { audiences, algorithms, bearer, claims, clockTolerance, issuer, keys, role, roles } =
    options.value;
  const ca =
    keys.caFile === undefined
      ? null
      : readAuthorities(keys.caFile, { ...part, path: [...part.path, 'keys'] }, configPath);
  if (keys.maxAge < keys.refresh && options.isSound('keys')) {
    const message = 'is shorter than refresh, so that keys would end between two looks';
    const path = [...part.path, 'keys', 'maxAge'];
    part.document.problems.add(path, message, 'expected at least refresh');
  }
  if (ca === undefined) return undefined;
  return {
    type: 'token',
    name,
    issuer,
    audiences,
    algorithms,
    keys: {
      url: keys.url ?? null,
      ca,
      timeoutMs: keys.timeout,
      cooldownMs: keys.cooldown,
      refreshMs: keys.refresh,
      ageMsMax: keys.maxAge,
    },
    clockToleranceMs: clockTolerance,
    claims: {
      subject: pathOf(claims.subject),
      groups: pathOf(claims.groups),
      role: claims.role === undefined ? null : pathOf(claims.role),
    },
    roles,
    role,
    bearer: { cacheMs: bearer.cache, entriesMax: bearer.entriesMax },
  };
}

function pathOf(claimed: string | string[]): ClaimPath {
  return typeof claimed === 'string' ? [claimed] : claimed;
}

function isAddress(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { hostname, password, protocol, username } = new URL(value);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || isLoopback(hostname.replace(/^\[|\]$/g, ''));
}
