import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { load, problemsOf } from '../../support/config-file.ts';
import { projectRoot } from '../../support/gateway.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const files = {
  'ed.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }),
  'rsa.pem': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
    type: 'pkcs8',
    format: 'pem',
  }),
  'empty.pem': 'nothing',
};

const service = 'service: {url: http://127.0.0.1:8090/}';

/** A configuration with these lines for the route, the zone and the cache. */
function yamlOf(
  route: string,
  cache = `{zone: tokens, key: [address], ${service}}`,
  zone = '{timeout: 5m}',
): string {
  return `listeners:
  edge:
    address: 127.0.0.1:8081
    routes:
      - ${route}
upstreams:
  app: {servers: [127.0.0.1:9000]}
zones:
  tokens: ${zone}
tokenCaches:
  main: ${cache}
`;
}

const usual = '{path: /, auth: token-cache, tokenCache: main, upstream: app}';

const signer = (more = ''): string =>
  `{zone: tokens, key: [principal], service: {type: signer, issuer: me, audience: api, keys: [{id: a, keyFile: ed.pem}]${more}}}`;

describe('a token cache', () => {
  it('has defaults for all that it does not say', () => {
    const config = load(yamlOf(usual));
    expect(config.zones).toEqual([{ name: 'tokens', entriesMax: 10_000, livesMs: 300_000 }]);
    expect(config.tokenCaches).toEqual([
      {
        name: 'main',
        zone: 'tokens',
        key: [{ by: 'address' }],
        required: [],
        requiredLengthMin: 1,
        field: 'X-Authkey',
        tokenLengthMin: 10,
        refreshAheadMs: 30_000,
        waitersMax: 1_000,
        deadlineMs: 5_000,
        service: {
          type: 'http',
          url: 'http://127.0.0.1:8090/',
          keyField: 'X-Token-Key',
          timeoutMs: 2_000,
          tokenBytesMax: 8_192,
          format: 'jwt',
          ca: null,
        },
      },
    ]);
    expect(config.listeners[0]?.routes[0]).toMatchObject({
      auth: 'token-cache',
      tokens: { cache: 'main', staleMsMax: 0 },
    });
  });

  it('takes keys for its signer from files, and shows them to nobody', () => {
    const config = load(
      yamlOf('{path: /, auth: session, tokenCache: main, upstream: app}', signer()),
      { files },
    );
    expect(config.tokenCaches[0]?.service).toMatchObject({
      ...{ type: 'signer', algorithm: 'EdDSA', lifetimeMs: 60_000, keys: [{ id: 'a' }] },
    });
    expect(JSON.stringify(config)).not.toContain('PRIVATE');
  });

  it('says at the start that a key of what clients send authenticates nobody', () => {
    expect(load(yamlOf(usual)).warnings).toEqual([
      expect.stringMatching(
        /^token cache main decides who passes by what clients send \(address\): that authenticates nobody/,
      ),
    ]);
    const signed = yamlOf('{path: /, auth: session, tokenCache: main, upstream: app}', signer());
    expect(load(signed, { files }).warnings.join()).not.toContain('authenticates nobody');
  });

  it('says at the start that a keyval API has no names and asks for no session', () => {
    const said = (route: string): string => load(yamlOf(route)).warnings.join();
    const warning = 'has neither hosts nor auth: session';
    expect(said('{path: /z/, endpoint: keyval, auth: none}')).toContain(warning);
    expect(said('{path: /z/, endpoint: keyval, auth: none, host: localhost}')).not.toContain(
      warning,
    );
    expect(said('{path: /z/, endpoint: keyval, auth: session}')).not.toContain(warning);
  });

  it('of the demonstration is the one that is shipped', () => {
    const folder = join(projectRoot, 'config', 'multinode');
    const env = { PORTCULLIS_TOKEN_KEY: 'a key of the tests with more than 32 characters' };
    const proxy = loadConfig(join(folder, 'proxy.yaml'), env);
    expect(proxy.listeners[0]).toMatchObject({ host: '127.0.0.1', port: 8080 });
    expect(proxy.zones).toEqual([{ name: 'tokens', entriesMax: 10_000, livesMs: 300_000 }]);
    const balancer = loadConfig(join(folder, 'balancer.yaml'), {});
    expect(balancer.listeners[0]).toMatchObject({ host: '127.0.0.1', port: 8000 });
    expect(balancer.upstreams[0]?.servers.map(({ port }) => port)).toEqual([8080, 8081]);
    // No secret is shipped.
    expect(readFileSync(join(folder, 'proxy.yaml'), 'utf8')).toMatch(/secret: \$\{\w+\}\n/);
  });
});

const at = (problem: string): RegExp => new RegExp(`^\\d+:\\d+: ${problem}`);

describe('a problem of a token cache', () => {
  it.each([
    [
      'an unknown zone',
      `{zone: other, key: [address], ${service}}`,
      'tokenCaches\\.main\\.zone: is "other", which is no zone',
    ],
    [
      'an unknown part',
      `{zone: tokens, key: [cookie], ${service}}`,
      'tokenCaches\\.main\\.key\\[0\\]: is "cookie"; expected address',
    ],
    [
      'no service',
      '{zone: tokens, key: [address]}',
      'tokenCaches\\.main\\.service\\.url: is missing',
    ],
    [
      'a service without a scheme',
      '{zone: tokens, key: [address], service: {url: tokens:80}}',
      'tokenCaches\\.main\\.service\\.url: is "tokens:80"',
    ],
    [
      'a requirement that is no part',
      `{zone: tokens, key: [address], required: [host], ${service}}`,
      'tokenCaches\\.main\\.required\\[0\\]: is "host", which is no part of the key',
    ],
    [
      'a field that means something',
      `{zone: tokens, key: [address], field: Cookie, ${service}}`,
      'tokenCaches\\.main\\.field: is "Cookie"',
    ],
    [
      'the identity field',
      `{zone: tokens, key: [address], field: X-UserInfo, ${service}}`,
      'tokenCaches\\.main\\.field: is X-UserInfo, which says who is logged in',
    ],
    [
      'a user where nobody logs in',
      `{zone: tokens, key: [user], ${service}}`,
      'listeners\\.edge\\.routes\\[0\\]\\.tokenCache: is main, whose key has the user',
    ],
  ])('is reported for %s', (_, cache, problem) => {
    expect(problemsOf(yamlOf(usual, cache))).toEqual([expect.stringMatching(at(problem))]);
  });

  it.each([
    [
      'without principal',
      signer().replace('[principal]', '[session]'),
      'tokenCaches\\.main\\.key: has no principal',
    ],
    [
      'with another kind of key',
      signer().replace('ed.pem', 'rsa.pem'),
      'tokenCaches\\.main\\.service\\.keys\\[0\\]\\.keyFile: names a file with another kind of key',
    ],
    [
      'with no key in the file',
      signer().replace('ed.pem', 'empty.pem'),
      '.*keyFile: names a file without a private key',
    ],
    [
      'with a file that is not there',
      signer().replace('ed.pem', 'none.pem'),
      '.*keyFile: names a file that does not exist',
    ],
    [
      'with one id twice',
      signer().replace('keys: [', 'keys: [{id: a, keyFile: ed.pem}, '),
      '.*keys\\[1\\]\\.id: is the id of an earlier key',
    ],
    ['that lives too long', signer(', lifetime: 2h'), '.*lifetime: is "2h"'],
  ])('is reported for a signer %s', (_, cache, problem) => {
    const route = '{path: /, auth: session, tokenCache: main, upstream: app}';
    expect(problemsOf(yamlOf(route, cache), { files })).toEqual([
      expect.stringMatching(at(problem)),
    ]);
  });

  it.each(['bearer', 'sessionOrBearer'])(
    'is reported for a session in the key with auth: %s',
    (auth) => {
      const yaml = yamlOf(
        `{path: /, auth: ${auth}, tokenCache: main, upstream: app}`,
        `{zone: tokens, key: [session], ${service}}`,
      );
      expect(problemsOf(yaml).join()).toContain('is main, whose key has the session, and bearers');
    },
  );

  it('is reported for a zone that two have, and one without an end', () => {
    const yaml = yamlOf(usual, undefined, '{}');
    expect(problemsOf(`${yaml}  more: {zone: tokens, key: [host], ${service}}\n`)).toEqual([
      expect.stringMatching(at('tokenCaches\\.main\\.zone: is tokens, whose entries never end')),
      expect.stringMatching(at('tokenCaches\\.more\\.zone: is tokens, which token cache main has')),
      expect.stringMatching(at('tokenCaches\\.more\\.zone: is tokens, whose entries never end')),
    ]);
  });

  it.each([
    [
      'auth: token-cache without a cache',
      '{path: /, auth: token-cache, upstream: app}',
      'auth: is token-cache, and no tokenCache says which',
    ],
    [
      'a cache that is not there',
      '{path: /, auth: none, tokenCache: mian, upstream: app}',
      'tokenCache: is "mian", which is no token cache; did you mean main\\?',
    ],
    [
      'a cache without an upstream',
      '{path: /, auth: none, tokenCache: main, respond: {}}',
      'tokenCache: is there on a route without upstream',
    ],
    [
      'stale tokens without a cache',
      '{path: /, auth: none, onStoreOutage: serve-stale, upstream: app}',
      'onStoreOutage: is there without tokenCache',
    ],
    [
      'a time for what is not served',
      '{path: /, auth: none, tokenCache: main, staleMax: 5s, upstream: app}',
      'staleMax: is there without onStoreOutage: serve-stale',
    ],
    [
      'roles where nobody logs in',
      '{path: /, auth: token-cache, tokenCache: main, require: {roles: [x]}, upstream: app}',
      'require: asks for roles or groups',
    ],
    [
      'an API at one path',
      '{exactPath: /api, endpoint: keyval, auth: none}',
      'exactPath: is there for the keyval API',
    ],
    [
      'an API without its endpoint',
      '{path: /, keyval: {}, upstream: app}',
      'keyval: is there on a route without endpoint: keyval',
    ],
    [
      'a zone that is not there',
      '{path: /, endpoint: keyval, auth: none, keyval: {zones: [other]}}',
      'keyval\\.zones\\[0\\]: is "other", which is no zone',
    ],
  ])('is reported for a route with %s', (_, route, problem) => {
    expect(problemsOf(yamlOf(route))).toEqual([
      expect.stringMatching(at(`listeners\\.edge\\.routes\\[0\\]\\.${problem}`)),
    ]);
  });
});
