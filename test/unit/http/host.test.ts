import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalHost } from '../../../src/http/host.ts';

describe('a Host value (RFC 9110 §7.2)', () => {
  it.each([
    ['a', 'a', 'a'],
    ['A.Example.ORG', 'a.example.org', 'a.example.org'],
    ['a.example.', 'a.example', 'a.example'],
    ['A.:80', 'a', 'a:80'],
    ['a:8080', 'a', 'a:8080'],
    ['a:65535', 'a', 'a:65535'],
    ['app_upstreams', 'app_upstreams', 'app_upstreams'],
    ['_', '_', '_'],
    ['xn--bcher-kva.example', 'xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['127.0.0.1:1', '127.0.0.1', '127.0.0.1:1'],
    ['[::1]', '[::1]', '[::1]'],
    ['[2001:DB8::A]:443', '[2001:db8::a]', '[2001:db8::a]:443'],
    ['[::ffff:10.0.0.1]', '[::ffff:10.0.0.1]', '[::ffff:10.0.0.1]'],
  ])('%s has the name %s and the authority %s', (value, name, authority) => {
    expect(canonicalHost(value)).toEqual({ name, authority });
  });

  it.each([
    '',
    ' ',
    '.',
    '..',
    'a..',
    'a..b',
    '.a',
    '-a',
    'a b',
    'a,b',
    'a/b',
    'a/b?c',
    'a?b',
    'a#b',
    'u@a',
    'u:p@a',
    'a\\b',
    'a%41',
    'a;b',
    'a:',
    'a:b',
    'a:-1',
    'a:65536',
    'a:99999',
    'a:123456',
    ':80',
    'a:80:80',
    '::1',
    '[::1',
    '[]',
    '[:::]',
    '[1.2.3.4]',
    '[g::]',
    '[::1]x',
    '[::1%eth0]',
    '\xe9',
    'a\0',
    'a\n',
    '*',
    '"a"',
    `${'a'.repeat(256)}`,
  ])('%j is refused', (value) => {
    expect(canonicalHost(value)).toBeNull();
  });

  it('has a canonical form that is its own', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}(?::[0-9]{1,5})?$/);
    fc.assert(
      fc.property(value, (text) => {
        const host = canonicalHost(text);
        if (host === null) return;
        expect(canonicalHost(host.authority)).toEqual(host);
        expect(canonicalHost(host.name)?.name).toBe(host.name);
        expect(host.authority).toBe(host.authority.toLowerCase());
      }),
      { numRuns: 2000 },
    );
  });
});
