import { createPublicKey } from 'node:crypto';
import { CompactEncrypt, EncryptJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../src/observability/log.ts';
import { TokenDirectory } from '../../src/users/token-directory.ts';
import { audience, IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { tokenConfig } from '../support/tokens.ts';

const key = signingKey('rsa');
let provider: IdentityProvider;
let directory: TokenDirectory;

beforeAll(async () => {
  provider = await IdentityProvider.start(key);
  directory = new TokenDirectory(tokenConfig(provider.issuer), silentLog);
});
afterAll(() => provider[Symbol.asyncDispose]());

const publicKey = () => createPublicKey({ key, format: 'jwk' });
const claims = () => ({ iss: provider.issuer, aud: audience, sub: 'alice' });
const unsigned = () => new UnsecuredJWT(claims()).setIssuedAt().setExpirationTime('10m').encode();
const rsaHeader = { alg: 'RSA-OAEP-256', enc: 'A256GCM', kid: 'rsa' };

const attacks: readonly (readonly [string, () => Promise<string>])[] = [
  [
    'wraps an unsigned one',
    () =>
      new CompactEncrypt(Buffer.from(unsigned()))
        .setProtectedHeader({ ...rsaHeader, cty: 'JWT' })
        .encrypt(publicKey()),
  ],
  [
    'wraps claims that nobody signed',
    () =>
      new EncryptJWT(claims())
        .setProtectedHeader(rsaHeader)
        .setIssuedAt()
        .setExpirationTime('10m')
        .encrypt(publicKey()),
  ],
  [
    'wraps a good one',
    async () =>
      new CompactEncrypt(Buffer.from(await provider.tokenFor('alice')))
        .setProtectedHeader({ ...rsaHeader, cty: 'JWT' })
        .encrypt(publicKey()),
  ],
  [
    'names a direct key',
    () =>
      new EncryptJWT(claims())
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .encrypt(new Uint8Array(32)),
  ],
  [
    'asks for a long derivation of its key (p2c)',
    async () => {
      const header = {
        alg: 'PBES2-HS256+A128KW',
        enc: 'A128GCM',
        p2c: 2_000_000_000,
        p2s: 'AAAAAAAAAAA',
      };
      return `${Buffer.from(JSON.stringify(header)).toString('base64url')}.AAAA.AAAA.AAAA.AAAA`;
    },
  ],
  [
    'is a bomb of blanks (zip)',
    async () => {
      const header = { alg: 'dir', enc: 'A256GCM', zip: 'DEF' };
      return `${Buffer.from(JSON.stringify(header)).toString('base64url')}..AAAA.AAAA.AAAA`;
    },
  ],
  ['is the unsigned one alone', async () => unsigned()],
];

describe('P57: a token that is encrypted proves nothing, because anybody can encrypt', () => {
  it('while the same key checks a signature', async () => {
    const verdict = await directory.authenticateToken(await provider.tokenFor('alice'));
    expect(verdict).toMatchObject({ kind: 'accepted' });
  });

  it.each(attacks.map(([title, make], index) => [index + 1, title, make] as const))(
    '(%i) so one that %s is refused, at once and without a question to anybody',
    async (_number, _title, make) => {
      const token = await make();
      provider.asked.length = 0;
      const began = performance.now();
      expect(await directory.authenticateToken(token)).toMatchObject({ kind: 'rejected' });
      expect(performance.now() - began).toBeLessThan(1000);
      expect(provider.asked).toEqual([]);
    },
  );
});
