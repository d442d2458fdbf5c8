import { describe, expect, it } from 'vitest';
import { exposures } from '../../../src/assembly/exposure.ts';
import { load } from '../../support/config-file.ts';

const file = (routes: readonly string[], address = '127.0.0.1:8081'): string => `
listeners:
  edge:
    address: ${address}
    limits: {connectionsPerAddressMax: 100}
    routes:
${routes.map((route) => `      - {${route}}`).join('\n')}
upstreams: {app: {servers: ['127.0.0.1:9001']}}
directories: {own: {type: static, users: []}}
`;

const found = (before: readonly string[], after: readonly string[]): readonly string[] =>
  exposures(load(file(before)), load(file(after)));

const all = 'id: all, path: /, upstream: app';

describe('what lets in more people than before', () => {
  it.each([
    ['nothing changes', [all], [all]],
    ['a route goes', [all, 'id: open, path: /o/, auth: none, upstream: app'], [all]],
    ['a route wants a session now', ['id: all, path: /, auth: none, upstream: app'], [all]],
    ['the login is added', [all], [all, 'id: login, exactPath: /in, endpoint: loginPage']],
    ['a route is divided', [all], ['id: a, path: /a/, upstream: app', all]],
  ])('is nothing where %s', (_what, before, after) => {
    expect(found(before, after)).toEqual([]);
  });

  it.each([
    ['a route needs no session any more', [all], ['id: all, path: /, auth: none, upstream: app']],
    ['a new one takes a part', [all], [all, 'id: new, path: /a/b/, auth: none, upstream: app']],
    [
      'one in front of a public one has gone',
      ['id: guard, path: /staff/, upstream: app', 'id: all, path: /, auth: none, upstream: app'],
      ['id: all, path: /, auth: none, upstream: app'],
    ],
    [
      'one for another method is public',
      [all],
      [all, 'id: read, path: /, methods: [GET], auth: none, upstream: app'],
    ],
    [
      'one for a host is public',
      [all],
      [all, 'id: host, path: /, host: "*.example.org", auth: none, upstream: app'],
    ],
  ])('is said where %s', (_what, before, after) => {
    expect(found(before, after)).toEqual([
      expect.stringMatching(
        /^route \w+ of listener edge \(.*\) asks nobody for a session any more/,
      ),
    ]);
  });

  it('is looked for as far as there is time for it, and that it was not to the end is said', () => {
    const many = Array.from({ length: 800 }, (_, n) => `id: r${n}, path: /p${n}/, upstream: app`);
    expect(found([...many, all], [...many, all])).toEqual([
      'listener edge has so many routes that not all were tried: there may be more',
    ]);
    expect(found(many.slice(0, 100), many.slice(0, 100))).toEqual([]);
  });

  it('is said where a public route is new, a requirement has gone, or an address is open', () => {
    const login = 'id: login, exactPath: /in, endpoint: login';
    expect(found([login], [login, 'id: new, path: /o/, auth: none, upstream: app'])).toEqual([
      'route new of listener edge (GET any.invalid/o/) is new and asks nobody for a session',
    ]);
    expect(found([`${all}, require: {roles: [staff]}`], [all])).toEqual([
      expect.stringMatching(/lets in whoever is logged in: route all asked for more$/),
    ]);
    expect(exposures(load(file([all])), load(file([all], '0.0.0.0:8081')))).toEqual([
      'listener edge was on loopback and is open to others at 0.0.0.0:8081',
    ]);
  });

  const asking = (require: string): readonly string[] => [`${all}, require: {${require}}`];

  it.each([
    ['roles: [a], groups: [g]', 'roles: [a]'],
    ['roles: [a]', 'roles: [a, b]'],
    ['users: [u]', 'users: [v]'],
    ['roles: [a], allOf: [{groups: [g]}]', 'roles: [a]'],
    ['anyOf: [{roles: [a]}]', 'anyOf: [{roles: [a]}, {methods: [GET]}]'],
    ['roles: [a], noneOf: [{users: [u]}]', 'roles: [a]'],
    ['roles: [a], methods: [GET]', 'roles: [a], methods: [GET, PUT]'],
  ])('is said where a requirement {%s} becomes {%s}, and not the other way', (old, young) => {
    expect(found(asking(old), asking(young))).toEqual([
      expect.stringMatching(/may let in others than before: it has another requirement than/),
    ]);
    const isOther = old.startsWith('users: [u]');
    expect(found(asking(young), asking(old))).toHaveLength(isOther ? 1 : 0);
    expect(found([all], asking(young))).toEqual([]);
  });

  it('is said where another proof of who it is will do', () => {
    const withTokens = (route: string) =>
      load(
        file([route]).replace(
          'directories: {',
          "directories: {idp: {type: token, issuer: 'https://idp.example.org', audiences: [a]}, ",
        ),
      );
    const [session, either] = [withTokens(all), withTokens(`${all}, auth: sessionOrBearer`)];
    expect(exposures(either, session)).toEqual([]);
    expect(exposures(session, either)).toEqual([
      expect.stringMatching(/may let in others than before: it has another proof of who it is/),
    ]);
  });

  it.each(['trustedProxies', 'trustedPeers'])('is said where %s has more', (list) => {
    const loaded = (ranges: string) =>
      load(file([all]).replace('    limits:', `    ${list}: [${ranges}]\n    limits:`));
    const said = (before: string, after: string) => exposures(loaded(before), loaded(after));
    expect(said('10.0.0.0/8', '10.1.0.0/16, 10.2.3.4/32')).toEqual([]);
    expect(said('10.1.0.0/16', '10.0.0.0/8')).toEqual([
      `listener edge trusts more than before: ${list} has 10.0.0.0/8`,
    ]);
    expect(said('10.1.0.0/16', '10.1.0.0/16, fd00::/8')).toEqual([
      `listener edge trusts more than before: ${list} has fd00::/8`,
    ]);
  });
});
