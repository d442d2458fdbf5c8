import { generateKeyPairSync } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import type { SignerConfig } from '../../../src/config/token-service.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { publicKeysOf } from '../../../src/tokens/public-keys.ts';
import { TokenSigner } from '../../../src/tokens/token-signer.ts';
import { tokenOf } from '../../../src/tokens/token-text.ts';
import { mintToken } from '../../../demo/multinode/tiers.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function keyOf(id: string, algorithm: SignerConfig['algorithm']) {
  const { privateKey } =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { id, pem: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' })) };
}

function signerOf(algorithm: SignerConfig['algorithm'], keys: SignerConfig['keys']): SignerConfig {
  const given = { issuer: 'https://me', audience: 'api', lifetimeMs: 60_000 };
  return { type: 'signer', algorithm, keys, ...given };
}

const clock = new ManualClock(Date.UTC(2030, 0, 1));
const user = { subject: 'u', directory: 'd', role: 'r', groups: ['g'], actor: null };
const question = { key: 'k', claims: user };

async function sign(config: SignerConfig, claims: typeof user | null = user): Promise<string> {
  const answer = await new TokenSigner(config, clock).ask({ key: 'k', claims });
  if (answer.kind !== 'token') throw new Error(answer.kind);
  return answer.token;
}

function check(token: string, configs: readonly SignerConfig[], algorithms: string[]) {
  const keys = { keys: publicKeysOf(configs) };
  return jwtVerify(token, createLocalJWKSet(keys), {
    ...{ issuer: 'https://me', audience: 'api', algorithms },
    currentDate: new Date(clock.now()),
  });
}

describe('the signer of tokens', () => {
  it.each(['EdDSA', 'ES256'] as const)(
    'signs with %s what its published key verifies',
    async (algorithm) => {
      const config = signerOf(algorithm, [keyOf('k1', algorithm)]);
      const { payload, protectedHeader } = await check(await sign(config), [config], [algorithm]);
      expect(protectedHeader).toMatchObject({ alg: algorithm, kid: 'k1' });
      expect(payload).toMatchObject({ sub: 'u', directory: 'd', role: 'r', groups: ['g'] });
      expect(payload).not.toHaveProperty('act');
      expect(publicKeysOf([config]).every((key) => !('d' in key))).toBe(true);
    },
  );

  it('says who acts in an impersonation', async () => {
    const config = signerOf('EdDSA', [keyOf('k1', 'EdDSA')]);
    const answer = await new TokenSigner(config, clock).ask({
      key: 'k',
      claims: { ...user, actor: 'boss' },
    });
    if (answer.kind !== 'token') throw new Error(answer.kind);
    const { payload } = await check(answer.token, [config], ['EdDSA']);
    expect(payload['act']).toEqual({ sub: 'boss' });
  });

  it('is replaced key by key, without a token that nobody can check', async () => {
    const [old, young] = [keyOf('old', 'EdDSA'), keyOf('young', 'EdDSA')];
    const before = signerOf('EdDSA', [old, young]);
    const after = signerOf('EdDSA', [young, old]);
    for (const published of [before, after]) {
      await check(await sign(before), [published], ['EdDSA']);
      await check(await sign(after), [published], ['EdDSA']);
    }
    await expect(
      check(await sign(before), [signerOf('EdDSA', [young])], ['EdDSA']),
    ).rejects.toThrow();
  });

  it('signs for nobody who is not there, and says how long a token is good', async () => {
    const signer = new TokenSigner(signerOf('EdDSA', [keyOf('k1', 'EdDSA')]), clock);
    expect(await signer.ask({ key: 'k', claims: null })).toMatchObject({ kind: 'broken' });
    expect(await signer.ask(question)).toMatchObject({ kind: 'token', livesMs: 58_000 });
  });
});

describe('what a service says', () => {
  const now = new ManualClock(performance.timeOrigin + performance.now());

  it('is a token until shortly before its end', () => {
    const answer = tokenOf(`${mintToken(600)}\n`, 'jwt', now);
    expect(answer).toMatchObject({ kind: 'token', livesMs: expect.any(Number) });
    const livesMs = answer.kind === 'token' ? (answer.livesMs ?? 0) : 0;
    expect(Math.abs(livesMs - 598_000)).toBeLessThan(2_000);
  });

  it('lives for whole milliseconds, also where its end has a fraction of one', () => {
    const exp = now.now() / 1000 + 60.000_123_4;
    const payload = Buffer.from(JSON.stringify({ exp })).toString('base64url');
    const answer = tokenOf(`a.${payload}.c`, 'jwt', now);
    expect(answer).toMatchObject({ kind: 'token' });
    expect(answer.kind === 'token' && Number.isInteger(answer.livesMs)).toBe(true);
  });

  it.each([
    ['an expired one', mintToken(1)],
    ['a page', '<html>no</html>'],
    ['a word', 'Unavailable'],
    ['two parts', 'eyJhIjoxfQ.eyJhIjoxfQ'],
    ['no JSON inside', 'aaaa.bbbb.cccc'],
    ['an end that is no number', `a.${Buffer.from('{"exp":"x"}').toString('base64url')}.c`],
    ['a line break inside', `${mintToken()}\r\nX-Evil: 1`],
    ['nothing', ''],
  ])('is none if it is %s', (_, body) => {
    expect(tokenOf(body, 'jwt', now).kind).toBe('broken');
  });

  it('is text where text is wanted, and what a field can carry', () => {
    expect(tokenOf('abc-123_~+/==', 'text', now)).toMatchObject({ kind: 'token', livesMs: null });
    for (const body of ['two words', '<p>', '{"a":1}', 'a\r\nb', '']) {
      expect(tokenOf(body, 'text', now).kind).toBe('broken');
    }
  });
});
