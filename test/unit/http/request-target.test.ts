import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalTarget,
  withoutEscapes,
  withoutParameters,
} from '../../../src/http/request-target.ts';

const piece = fc.constantFrom(
  '/',
  '/',
  '/',
  '//',
  '.',
  '..',
  '...',
  'a',
  'B',
  '0',
  '~',
  '-',
  '_',
  ';',
  ';x=1',
  '..;',
  '=',
  '&',
  '@',
  ':',
  '!',
  '"',
  '<',
  '|',
  '%2e',
  '%2E',
  '%41',
  '%7e',
  '%20',
  '%ff',
  '%25',
  '%3B',
  '%3f',
  '%23',
  '%2f',
  '%2F',
  '%5c',
  '%5C',
  '%00',
  '%',
  '%g0',
  '%4',
  '\\',
  '#',
  ' ',
  '\t',
  '\x7f',
  '\xe9',
);
const path = fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`);
const query = fc.oneof(
  fc.constant(''),
  fc.array(piece, { maxLength: 4 }).map((pieces) => `?${pieces.join('')}`),
);

describe('the canonical form of a target', () => {
  it.each([
    ['/', '/', ''],
    ['/a/b.c', '/a/b.c', ''],
    ['/a/', '/a/', ''],
    ['/a?', '/a', '?'],
    ['/a?b?c', '/a', '?b?c'],
    ['/a?x=/../%2f\\%00%zz', '/a', '?x=/../%2f\\%00%zz'],
    ['/%41%2d%7E%5f%30', '/A-~_0', ''],
    ['/%e4%B8%ad', '/%E4%B8%AD', ''],
    ['/%2520', '/%2520', ''],
    ['/a%3Fb%23c%3b', '/a%3Fb%23c%3B', ''],
    ['/a/./b/../c', '/a/c', ''],
    ['/a/b/..', '/a/', ''],
    ['/a/.', '/a/', ''],
    ['/..', '/', ''],
    ['/../../a', '/a', ''],
    ['/%2e%2E/%2e/a', '/a', ''],
    ['/.%2e/a', '/a', ''],
    ['/.../a', '/.../a', ''],
    ['/.a/..b/c.', '/.a/..b/c.', ''],
    ['//', '/', ''],
    ['//evil/x', '/evil/x', ''],
    ['/api//echo///', '/api/echo/', ''],
    ['/a//../b', '/b', ''],
    ['/a;p=1/b;..', '/a;p=1/b;..', ''],
    ['/..;/a', '/..;/a', ''],
    ["/!$&'()*+,=:@", "/!$&'()*+,=:@", ''],
    ['/"<>[]^`{|}', '/"<>[]^`{|}', ''],
  ])('of %s is %s with the query %j (RFC 3986 §6.2.2)', (target, expectedPath, expectedQuery) => {
    expect(canonicalTarget(target, false)).toEqual({ path: expectedPath, query: expectedQuery });
  });

  it.each([
    ['', 'target-form'],
    ['*', 'target-form'],
    ['a', 'target-form'],
    ['http://a/', 'target-form'],
    ['?a', 'target-form'],
    ['\\a', 'target-form'],
    [' /a', 'target-form'],
    ['/a#b', 'target-octet'],
    ['/a?b#c', 'target-octet'],
    ['/a b', 'target-octet'],
    ['/a?b c', 'target-octet'],
    ['/a\tb', 'target-octet'],
    ['/\0', 'target-octet'],
    ['/a\r\nb', 'target-octet'],
    ['/\x7f', 'target-octet'],
    ['/\x80', 'target-octet'],
    ['/?\xff', 'target-octet'],
    ['/a\\b', 'path-backslash'],
    ['/\\evil', 'path-backslash'],
    ['/%00', 'path-nul'],
    ['/a%00.png', 'path-nul'],
    ['/%', 'path-percent'],
    ['/%4', 'path-percent'],
    ['/%g1', 'path-percent'],
    ['/%%34%31', 'path-percent'],
    ['/%u0041', 'path-percent'],
    ['/a%2fb', 'path-encoded-slash'],
    ['/a%2F..%2Fb', 'path-encoded-slash'],
    ['/a%5cb', 'path-encoded-slash'],
    ['/a%5Cb', 'path-encoded-slash'],
  ])('is refused for %j: %s', (target, problem) => {
    expect(canonicalTarget(target, false)).toBe(problem);
  });

  it.each(['//', '//a', '/a//b', '/a//'])(
    'has no empty segment to begin with where that is strict: %s',
    (target) => {
      expect(canonicalTarget(target, true)).toBe('path-empty-segment');
    },
  );

  it('may have // in the query where that is strict', () => {
    expect(canonicalTarget('/a?//', true)).toEqual({ path: '/a', query: '?//' });
  });

  it('is a fixed point, with nothing left that two readers resolve in two ways', () => {
    let accepted = 0;
    fc.assert(
      fc.property(path, query, (rawPath, rawQuery) => {
        const canonical = canonicalTarget(rawPath + rawQuery, false);
        if (typeof canonical === 'string') return;
        accepted++;
        expect(canonicalTarget(canonical.path + canonical.query, true)).toEqual(canonical);
        expect(canonical.path).toMatch(/^\//);
        expect(canonical.path).not.toMatch(/\/\/|\\|[^!-~]|[?#]/);
        expect(canonical.path).not.toMatch(/%(?:2F|5C|00)/i);
        expect(canonical.path).not.toMatch(/%(?![0-9A-F]{2})/);
        expect(canonical.path.split('/')).not.toContain('.');
        expect(canonical.path.split('/')).not.toContain('..');
        const escapes = canonical.path.match(/%../g) ?? [];
        expect(escapes.filter((escape) => /[A-Za-z0-9._~-]/.test(decodeLatin1(escape)))).toEqual(
          [],
        );
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('has the query byte for byte', () => {
    fc.assert(
      fc.property(path, query, (rawPath, rawQuery) => {
        const target = rawPath + rawQuery;
        const canonical = canonicalTarget(target, false);
        if (typeof canonical !== 'string') expect(target.endsWith(canonical.query)).toBe(true);
        if (typeof canonical !== 'string')
          expect(canonical.query).toBe(target.slice(rawPath.length));
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same where it is strict, or refused', () => {
    fc.assert(
      fc.property(path, query, (rawPath, rawQuery) => {
        const strict = canonicalTarget(rawPath + rawQuery, true);
        if (typeof strict !== 'string')
          expect(canonicalTarget(rawPath + rawQuery, false)).toEqual(strict);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a path without parameters', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a;x/b', '/a/b'],
    ['/a;x=1;y/b;', '/a/b'],
    ['/a/;x', '/a/'],
    ['/;/a', '/a'],
    ['/a/..;/b', '/b'],
    ['/a/..;x', '/'],
    ['/.;/a', '/a'],
    ['/..;/..;/admin', '/admin'],
    ['/;', '/'],
    ['/a%3Bb', '/a%3Bb'],
  ])('of %s is %s', (from, to) => {
    expect(withoutParameters(from)).toBe(to);
  });

  it('is the path itself where there are none, and canonical everywhere', () => {
    fc.assert(
      fc.property(path, (rawPath) => {
        const canonical = canonicalTarget(rawPath, false);
        if (typeof canonical === 'string') return;
        const bare = withoutParameters(canonical.path);
        if (!canonical.path.includes(';')) expect(bare).toBe(canonical.path);
        expect(bare).not.toContain(';');
        expect(canonicalTarget(bare, true)).toEqual({ path: bare, query: '' });
        expect(withoutParameters(bare)).toBe(bare);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('a path without the escapes that a server may undo', () => {
  it.each([
    ['/%40admin', '/@admin'],
    ['/%21%24%26%27%28%29%2A%2B%2C%3A%3B%3D', "/!$&'()*+,:;="],
    ['/%22%3C%3E%5B%5D%5E%60%7B%7C%7D', '/"<>[]^`{|}'],
    ['/a%20b%C3%A9%7F%09', '/a%20b%C3%A9%7F%09'],
    ['/%25%23%3F%2540', '/%25%23%3F%2540'],
    ['/@admin', '/@admin'],
  ])('of %s is %s', (from, to) => {
    expect(withoutEscapes(from)).toBe(to);
  });

  it('is the same for every other printable character, with the escape and without', () => {
    for (let code = 0x21; code < 0x7f; code++) {
      const char = String.fromCharCode(code);
      if ('%/?#\\'.includes(char)) continue;
      const escape = `%${code.toString(16)}`;
      const canonical = canonicalTarget(`/a${escape}b`, false);
      if (typeof canonical === 'string') throw new Error(`${escape}: ${canonical}`);
      expect(withoutEscapes(canonical.path), escape).toBe(`/a${char}b`);
    }
  });
});

const decodeLatin1 = (escape: string): string =>
  String.fromCharCode(Number.parseInt(escape.slice(1), 16));
