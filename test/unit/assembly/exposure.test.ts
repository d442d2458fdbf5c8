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
});
