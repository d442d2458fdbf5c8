import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenDirectoryConfig } from '../../src/config/token-directory.ts';
import { silentLog } from '../../src/observability/log.ts';
import { TokenDirectory } from '../../src/users/token-directory.ts';
import { IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { forge, tokenConfig } from '../support/tokens.ts';

const first = signingKey('first');
const second = signingKey('second');
const elliptic = signingKey('elliptic', 'ES256');

let provider: IdentityProvider;
let clock: ManualClock;

beforeAll(async () => {
  provider = await IdentityProvider.start(first);
});
afterAll(async () => {
  await provider[Symbol.asyncDispose]();
});
beforeEach(async () => {
  provider.mood = 'well';
  provider.rotate(first);
  provider.asked.length = 0;
  clock = new ManualClock(new Date().getTime());
});

function open(change: Partial<TokenDirectoryConfig> = {}): TokenDirectory {
  return new TokenDirectory(tokenConfig(provider.issuer, change), silentLog, clock);
}

const accepted = { kind: 'accepted' };
const rejected = { kind: 'rejected' };
const unavailable = { kind: 'unavailable' };

describe('a token of a real provider', () => {
  it('says who it is, by the claims that are configured', async () => {
    const directory = open({
      roles: [
        { group: 'directors', role: 'director' },
        { group: 'clinic', role: 'physician' },
      ],
    });
    const token = await provider.tokenFor('alice');
    expect(await directory.authenticateToken(token)).toMatchObject({
      kind: 'accepted',
      principal: {
        subject: 'alice',
        directory: 'provider',
        role: 'physician',
        groups: ['clinic', 'doctors'],
        attributes: {},
      },
    });
    // It found its way by the discovery document.
    expect(provider.asked.slice(-2)).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  it('makes nobody staff unless a rule or a claim that is configured says so', async () => {
    provider.claims = { groups: ['staffuser'], role: 'staffuser', access: { role: 'staffuser' } };
    const token = await provider.tokenFor('alice');
    const claims = { subject: ['sub'], groups: ['groups'] };
    expect(await open().authenticateToken(token)).toMatchObject({ principal: { role: 'nobody' } });
    for (const role of [['role'], ['access', 'role']]) {
      const directory = open({ claims: { ...claims, role } });
      const verdict = await directory.authenticateToken(token);
      expect(verdict).toMatchObject({ principal: { role: 'staffuser' } });
    }
    const elsewhere = open({ claims: { ...claims, role: ['access', 'role', 'length'] } });
    expect(await elsewhere.authenticateToken(token)).toMatchObject({
      principal: { role: 'nobody' },
    });
    provider.claims = { groups: ['doctors', 'clinic'] };
  });

  it('ends, and begins, when it says, give or take the tolerance', async () => {
    const directory = open();
    const token = await provider.tokenFor('alice');
    expect(await directory.authenticateToken(token)).toMatchObject(accepted);
    clock.advance(600_000 + 25_000);
    expect(await directory.authenticateToken(token)).toMatchObject(accepted);
    clock.advance(10_000);
    expect(await directory.authenticateToken(token)).toMatchObject(rejected);
    clock.setBack(635_000 + 60_000);
    expect(await directory.authenticateToken(token)).toMatchObject(rejected);
  });

  it('is remembered no longer than it is good, nor than is allowed', async () => {
    const directory = open({ bearer: { cacheMs: 300_000, entriesMax: 10 } });
    const token = await provider.tokenFor('alice');
    const verdict = await directory.authenticateToken(token);
    const goodUntilMs = verdict.kind === 'accepted' ? verdict.goodUntilMs : 0;
    expect(goodUntilMs).toBe(clock.now() + 300_000);
    clock.advance(590_000);
    const late = await directory.authenticateToken(token);
    const lateUntilMs = late.kind === 'accepted' ? late.goodUntilMs : 0;
    expect(lateUntilMs - clock.now()).toBeLessThanOrEqual(15_000);
  });

  it('with another kind of key is checked with the algorithm of that key', async () => {
    provider.rotate(elliptic);
    const token = await provider.tokenFor('alice');
    expect(await open().authenticateToken(token)).toMatchObject(accepted);
    const only = open({ algorithms: ['RS256'] });
    expect(await only.authenticateToken(token)).toMatchObject(rejected);
  });
});

describe('the keys of a provider', () => {
  it('are read once for many tokens', async () => {
    const directory = open();
    const tokens = await Promise.all(
      ['alice', 'carol', 'alice'].map((one) => provider.tokenFor(one)),
    );
    const verdicts = await Promise.all(tokens.map((token) => directory.authenticateToken(token)));
    expect(verdicts.map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
    expect(provider.keyQuestions).toBe(1);
  });

  it('are read again when a token names a new one, and an old one that is gone is refused', async () => {
    const directory = open();
    const old = await provider.tokenFor('alice');
    expect(await directory.authenticateToken(old)).toMatchObject(accepted);
    clock.advance(30_000);
    provider.rotate(second);
    const fresh = await provider.tokenFor('alice');
    expect(await directory.authenticateToken(fresh)).toMatchObject(accepted);
    expect(await directory.authenticateToken(old)).toMatchObject(rejected);
    expect(provider.keyQuestions).toBe(2);
  });

  it('are noticed to be withdrawn though nobody names a new one', async () => {
    const directory = open();
    const old = await provider.tokenFor('alice');
    expect(await directory.authenticateToken(old)).toMatchObject(accepted);
    provider.rotate(second);
    clock.advance(600_000 - 100_000);
    expect(await directory.authenticateToken(old)).toMatchObject(accepted);
    expect(provider.keyQuestions).toBe(1);
    clock.advance(100_000);
    // This one is still taken; it makes us look, and the next one is refused.
    expect(await directory.authenticateToken(old)).toMatchObject(accepted);
    await expect.poll(async () => await directory.authenticateToken(old)).toMatchObject(rejected);
    expect(provider.keyQuestions).toBe(2);
  });

  it('that nobody knows make us ask at most once per cooldown, however many come', async () => {
    const directory = open();
    const good = await provider.tokenFor('alice');
    await directory.authenticateToken(good);
    clock.advance(30_000);
    provider.asked.length = 0;
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (let round = 0; round < 5; round += 1) {
      const flood = Array.from({ length: 40 }, (_, index) =>
        forge(provider.issuer, privateKey, { kid: `k${String(round)}-${String(index)}` }),
      );
      const tokens = await Promise.all(flood);
      const verdicts = await Promise.all(tokens.map((one) => directory.authenticateToken(one)));
      expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['rejected']));
      expect(provider.keyQuestions).toBe(round + 1);
      expect(await directory.authenticateToken(good)).toMatchObject(accepted);
      clock.advance(30_000);
    }
  });
});

describe('a provider that is out', () => {
  const outages = [
    ['killed', () => provider.kill(), () => provider.launch()],
    [
      'frozen',
      async () => void (provider.mood = 'frozen'),
      async () => void (provider.mood = 'well'),
    ],
    [
      'talking nonsense',
      async () => void (provider.mood = 'garbage'),
      async () => void (provider.mood = 'well'),
    ],
  ] as const;

  it.each(outages)(
    '(%s) leaves known keys good until they are too old, then is an outage, and heals',
    async (_how, begin, end) => {
      const directory = open({
        keys: { ...tokenConfig('').keys, timeoutMs: 100, ageMsMax: 3_600_000 },
      });
      const token = await forge(provider.issuer, first, {
        kid: 'first',
        expiresInS: 7200,
        atMs: clock.now(),
      });
      const unknown = await forge(provider.issuer, second, { kid: 'second', atMs: clock.now() });
      expect(await directory.authenticateToken(token)).toMatchObject(accepted);
      await begin();
      clock.advance(600_000);
      expect(await directory.authenticateToken(token)).toMatchObject(accepted);
      // Whose key is not known may have a new one: nobody can tell.
      expect(await directory.authenticateToken(unknown)).toEqual(unavailable);
      clock.advance(3_000_001);
      expect(await directory.authenticateToken(token)).toEqual(unavailable);
      await end();
      clock.advance(30_000);
      expect(await directory.authenticateToken(token)).toMatchObject(accepted);
      await provider.kill();
      await provider.launch();
    },
  );

  it('from the start is an outage, and is asked once per cooldown', async () => {
    const directory = open();
    const token = await provider.tokenFor('alice');
    provider.mood = 'garbage';
    provider.asked.length = 0;
    for (let count = 0; count < 20; count += 1) {
      expect(await directory.authenticateToken(token)).toEqual(unavailable);
    }
    expect(provider.asked).toHaveLength(1);
    provider.mood = 'well';
    clock.advance(30_000);
    expect(await directory.authenticateToken(token)).toMatchObject(accepted);
  });

  it('is no outage for tokens of somebody else', async () => {
    const directory = open();
    provider.mood = 'garbage';
    const token = await forge('https://other.example.org', first, { kid: 'first' });
    expect(await directory.authenticateToken(token)).toMatchObject(rejected);
    expect(provider.asked).toEqual([]);
  });
});
