import { createPrivateKey, type KeyObject } from 'node:crypto';
import { SignJWT, type JWTHeaderParameters } from 'jose';
import type { TokenDirectoryConfig } from '../../src/config/token-directory.ts';
import { audience, type PrivateJwk } from './identity-provider.ts';

/** How the tests take tokens; what a test is about it says itself. */
export function tokenConfig(
  issuer: string,
  change: Partial<TokenDirectoryConfig> = {},
): TokenDirectoryConfig {
  return {
    type: 'token',
    name: 'provider',
    issuer,
    audiences: [audience],
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    keys: {
      url: null,
      ca: null,
      timeoutMs: 2000,
      cooldownMs: 30_000,
      refreshMs: 600_000,
      ageMsMax: 3_600_000,
    },
    clockToleranceMs: 30_000,
    claims: { subject: ['sub'], groups: ['groups'], role: null },
    roles: [],
    role: 'nobody',
    bearer: { cacheMs: 300_000, entriesMax: 1000 },
    ...change,
  };
}

interface Forgery {
  readonly kid?: string;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly expiresInS?: number;
  readonly atMs?: number;
}

/** A token as the provider would make it, but for what is said to be different. */
export async function forge(
  issuer: string,
  key: PrivateJwk | KeyObject | Uint8Array,
  { atMs, claims, expiresInS = 600, header, kid }: Forgery = {},
): Promise<string> {
  const nowS = Math.floor((atMs ?? new Date().getTime()) / 1000);
  const signer = isJwk(key) ? createPrivateKey({ key, format: 'jwk' }) : key;
  const payload = { iss: issuer, aud: audience, sub: 'alice', iat: nowS, exp: nowS + expiresInS };
  return await new SignJWT({ ...payload, ...claims })
    .setProtectedHeader({ alg: 'RS256', ...(kid !== undefined && { kid }), ...header })
    .sign(signer);
}

function isJwk(key: PrivateJwk | KeyObject | Uint8Array): key is PrivateJwk {
  return 'kid' in key;
}
