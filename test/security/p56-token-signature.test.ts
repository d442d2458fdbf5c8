import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { planned, type TokenDirectoryYaml } from '../support/gateway-yaml.ts';
import { audience, IdentityProvider, signingKey } from '../support/identity-provider.ts';
import { tryTokenLogin } from '../support/login.ts';
import { RecordingUpstream } from '../support/recording-upstream.ts';
import { bothAnswers } from '../support/scene.ts';
import { forge } from '../support/tokens.ts';

const key = signingKey('rsa');
const ecKey = signingKey('ec', 'ES256');
const stack = new AsyncDisposableStack();
const attacker = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const gateways = new Map<string, Gateway>();
let provider: IdentityProvider;
let lure: string;
/** What was asked of the attacker's own server. */
const lured: string[] = [];

beforeAll(async () => {
  provider = stack.use(await IdentityProvider.start(key, ecKey));
  const jwk = await exportJWK(createPublicKey(attacker));
  const server = createServer((request, response) => {
    lured.push(request.url ?? '');
    response.end(JSON.stringify({ keys: [{ ...jwk, kid: 'rsa', alg: 'RS256', use: 'sig' }] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => void server.close());
  const address = server.address();
  lure = `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
  const upstream = stack.use(await RecordingUpstream.start());
  for (const answers of bothAnswers) {
    const yaml = planned({ answers, upstreamPorts: [upstream.port] });
    const directory: TokenDirectoryYaml = {
      type: 'token',
      issuer: provider.issuer,
      audiences: [audience],
      keys: { cooldown: '100ms' },
    };
    const directories = { ...yaml.directories, provider: directory };
    gateways.set(answers, stack.use(await Gateway.start({ ...yaml, directories })));
  }
});
afterAll(() => stack.disposeAsync());

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Header and claims as the provider would write them, with a signature by whoever. */
function assemble(
  header: Readonly<Record<string, unknown>>,
  signature: (input: string) => string,
): string {
  const nowS = Math.floor(new Date().getTime() / 1000);
  const claims = { iss: provider.issuer, aud: audience, sub: 'alice', iat: nowS, exp: nowS + 600 };
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${signature(input)}`;
}

async function publicPem(): Promise<string> {
  return createPublicKey({ key, format: 'jwk' }).export({ format: 'pem', type: 'spki' });
}

/** As the provider itself would sign it: what is wrong is in the header alone. */
const signed = (input: string): string =>
  sign('sha256', Buffer.from(input), createPrivateKey({ key, format: 'jwk' })).toString(
    'base64url',
  );

const hmac = (secret: string | Buffer) => (input: string) =>
  createHmac('sha256', secret).update(input).digest('base64url');

const attacks: readonly (readonly [string, () => Promise<string>])[] = [
  ['no signature at all, alg none', async () => assemble({ alg: 'none', kid: 'rsa' }, () => '')],
  ['alg None in another spelling', async () => assemble({ alg: 'nOnE', kid: 'rsa' }, () => '')],
  ['alg none with a signature', async () => assemble({ alg: 'none', kid: 'rsa' }, () => 'AAAA')],
  ['no alg', async () => assemble({ kid: 'rsa' }, () => 'AAAA')],
  [
    'HS256 with the public key as its secret',
    async () => assemble({ alg: 'HS256', kid: 'rsa' }, hmac(await publicPem())),
  ],
  [
    'HS256 with the modulus as its secret',
    async () => assemble({ alg: 'HS256', kid: 'rsa' }, hmac(Buffer.from(key.n ?? '', 'base64url'))),
  ],
  ['HS256 with an empty secret', async () => assemble({ alg: 'HS256', kid: 'rsa' }, hmac(''))],
  [
    'the right key for another algorithm of its kind',
    () => forge(provider.issuer, key, { kid: 'rsa', header: { alg: 'PS256' } }),
  ],
  [
    'the name of a key of another kind',
    () => forge(provider.issuer, key, { kid: 'ec', header: { alg: 'RS256' } }),
  ],
  [
    'a key of the attacker under a known name',
    () => forge(provider.issuer, attacker, { kid: 'rsa' }),
  ],
  ['a key that nobody knows', () => forge(provider.issuer, attacker, { kid: 'unknown' })],
  ['no key name where there are several', () => forge(provider.issuer, attacker)],
  [
    'a key in its own header (jwk)',
    async () => {
      const jwk = await exportJWK(createPublicKey(attacker));
      return forge(provider.issuer, attacker, { kid: 'rsa', header: { alg: 'RS256', jwk } });
    },
  ],
  [
    'an address of keys in its own header (jku)',
    () =>
      forge(provider.issuer, attacker, {
        kid: 'rsa',
        header: { alg: 'RS256', jku: `${lure}/jku` },
      }),
  ],
  [
    'an unknown key and an address of keys (jku)',
    () =>
      forge(provider.issuer, attacker, {
        kid: 'mine',
        header: { alg: 'RS256', jku: `${lure}/jku` },
      }),
  ],
  [
    'an address of a certificate (x5u)',
    () =>
      forge(provider.issuer, attacker, {
        kid: 'rsa',
        header: { alg: 'RS256', x5u: `${lure}/x5u` },
      }),
  ],
  [
    'a certificate in its own header (x5c)',
    () => forge(provider.issuer, attacker, { kid: 'rsa', header: { alg: 'RS256', x5c: ['MIIB'] } }),
  ],
  [
    'a key name that is a path',
    () => forge(provider.issuer, attacker, { kid: '../../../../dev/null' }),
  ],
  [
    'a key name that is no text',
    async () => assemble({ alg: 'RS256', kid: ['rsa'] }, () => 'AAAA'),
  ],
  [
    'an extension that has to be understood (crit)',
    async () => assemble({ alg: 'RS256', kid: 'rsa', crit: ['exp2'], exp2: 1 }, signed),
  ],
  [
    'a payload that is not encoded (b64)',
    async () => assemble({ alg: 'RS256', kid: 'rsa', crit: ['b64'], b64: false }, signed),
  ],
  [
    'an extension that has to be understood and is harmless',
    async () => assemble({ alg: 'RS256', kid: 'rsa', crit: ['b64'], b64: true }, signed),
  ],
  [
    'another token inside (cty)',
    async () => assemble({ alg: 'RS256', kid: 'rsa', cty: 'JWT' }, signed),
  ],
  [
    'claims that were changed after signing',
    async () => {
      const [header = '', , signature = ''] = (await provider.tokenFor('alice')).split('.');
      const [, claims = ''] = (
        await forge(provider.issuer, attacker, { claims: { sub: 'carol' } })
      ).split('.');
      return `${header}.${claims}.${signature}`;
    },
  ],
  [
    'a signature that was cut off',
    async () => (await provider.tokenFor('alice')).split('.').slice(0, 2).join('.') + '.',
  ],
  ['another issuer', () => forge('https://login.example.org', key, { kid: 'rsa' })],
  [
    'an issuer that only begins right',
    () => forge(`${provider.issuer}.evil.example`, key, { kid: 'rsa' }),
  ],
  [
    'several issuers',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { iss: [provider.issuer] } }),
  ],
  [
    'another audience',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { aud: 'urn:other' } }),
  ],
  ['no audience', () => forge(provider.issuer, key, { kid: 'rsa', claims: { aud: undefined } })],
  ['no end', () => forge(provider.issuer, key, { kid: 'rsa', claims: { exp: undefined } })],
  [
    'an end that is no number',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { exp: '9e9' } }),
  ],
  ['an end that has passed', () => forge(provider.issuer, key, { kid: 'rsa', expiresInS: -120 })],
  [
    'a beginning that has not come',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { nbf: 9_000_000_000 } }),
  ],
  [
    'a day of issue that has not come',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { iat: 9_000_000_000 } }),
  ],
  ['no subject', () => forge(provider.issuer, key, { kid: 'rsa', claims: { sub: undefined } })],
  ['an empty subject', () => forge(provider.issuer, key, { kid: 'rsa', claims: { sub: '' } })],
  [
    'a subject that reads like another one',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { sub: 'ａlice' } }),
  ],
  [
    'the type of a logout token',
    () => forge(provider.issuer, key, { kid: 'rsa', header: { alg: 'RS256', typ: 'logout+jwt' } }),
  ],
  [
    'events, as a logout token has them',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { events: {} } }),
  ],
  [
    'a proof that has to come with it (cnf)',
    () => forge(provider.issuer, key, { kid: 'rsa', claims: { cnf: { jkt: 'x' } } }),
  ],
  ['more length than a token has', async () => `a.${'b'.repeat(9000)}.c`],
  ['no token', async () => ''],
];

describe.each(bothAnswers)('P56: a third-party token, under %s,', (answers) => {
  const status = answers === 'modern' ? 401 : 403;
  const edge = (): number => gateways.get(answers)?.edge ?? 0;

  it('that was put together here is as good as the provider’s own', async () => {
    const { response } = await tryTokenLogin(
      edge(),
      assemble({ alg: 'RS256', kid: 'rsa' }, signed),
    );
    expect(response.status, response.text()).toBe(200);
  });

  it('of the provider itself logs in', async () => {
    const { response, cookie } = await tryTokenLogin(edge(), await provider.tokenFor('alice'));
    expect(response.status, response.text()).toBe(200);
    expect(cookie).toContain('=');
  });

  it.each(attacks.map(([title, make], index) => [index + 1, title, make] as const))(
    '(%i) with %s is refused like a wrong password, and sets no cookie',
    async (_number, _title, make) => {
      const before = lured.length;
      const { response, cookie } = await tryTokenLogin(edge(), await make());
      expect(response.status, response.text()).toBe(status);
      expect(cookie).toBeUndefined();
      expect(lured.length, 'questions to the attacker').toBe(before);
    },
  );
});
