import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TokenCacheConfig } from '../../../src/config/token-cache.ts';
import { TokenKey, type KeyedRequest } from '../../../src/gateway/token-key.ts';
import { FieldList } from '../../../src/http/field-list.ts';
import { FieldNames } from '../../../src/http/field-names.ts';
import type { Principal } from '../../../src/identity/principal.ts';

const names = new FieldNames([]);

function fieldsOf(lines: readonly (readonly [string, string])[]): FieldList {
  const fields = new FieldList();
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  fields.reset(text);
  let at = 0;
  for (const [name, value] of lines) {
    const known = names.of(name);
    if (known === null) throw new Error(name);
    const valueStart = at + name.length + 2;
    fields.push(known, at, valueStart, valueStart + value.length);
    at = valueStart + value.length + 2;
  }
  return fields;
}

function requestOf(
  lines: readonly (readonly [string, string])[],
  principal: Principal | null = null,
): KeyedRequest {
  const bearer = principal && { principal, identityFields: '', goodUntilMs: 0, endsAtMs: 0 };
  return {
    ...{ live: null, bearer, clientAddress: '10.0.0.1', host: 'a.example' },
    head: { fields: fieldsOf(lines) },
  };
}

const header = (field: string): TokenCacheConfig['key'][number] => ({ by: 'header', field });

function keyOf(key: TokenCacheConfig['key'], required: number[] = [], requiredLengthMin = 1) {
  return new TokenKey({ key, required, requiredLengthMin });
}

const seed = keyOf([header('remote-user'), { by: 'address' }, header('user-agent')], [0], 2);

describe('the key of a token', () => {
  it('has its parts in order, with blanks as they are', () => {
    const lines = [
      ['User-Agent', 'a b/1'],
      ['Remote-User', 'user1'],
    ] as const;
    expect(seed.of(requestOf(lines))).toBe('user1:10.0.0.1:a b/1');
    expect(seed.of(requestOf([['remote-user', 'u1']]))).toBe('u1:10.0.0.1:');
  });

  it('is not there without a part that has to be, nor where that is too short', () => {
    expect(seed.of(requestOf([]))).toBeNull();
    expect(seed.of(requestOf([['Remote-User', 'a']]))).toBeNull();
    expect(seed.of(requestOf([['Remote-User', 'a'.repeat(3_000)]]))).toBeNull();
  });

  it('is not there where one of the fields that have to be there is too short', () => {
    const both = (one: string, other: string): KeyedRequest =>
      requestOf([
        ['Remote-User', one],
        ['Remote-User', other],
      ]);
    expect(seed.of(both('', ''))).toBeNull();
    expect(seed.of(both('', 'user1'))).toBeNull();
    expect(seed.of(both('user1', 'u'))).toBeNull();
  });

  it.each(['user', 'session', 'principal'] as const)('is nobody\u2019s without a %s', (by) => {
    expect(keyOf([header('x-a'), { by }]).of(requestOf([['X-A', 'a']]))).toBeNull();
  });

  it('has all fields of a name', () => {
    const lines = [
      ['Remote-User', 'one'],
      ['Remote-User', 'two'],
    ] as const;
    expect(seed.of(requestOf(lines))).toBe('one, two:10.0.0.1:');
  });

  it('is another one for each request that differs in a part, whatever octets that holds', () => {
    const value = fc
      .string({
        unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
      })
      .map((text) => `u${text}u`);
    const pair = fc.tuple(value, value);
    const both = keyOf([header('x-a'), header('x-b')]);
    const made = ([a, b]: readonly [string, string]): string | null =>
      both.of(
        requestOf([
          ['X-A', a],
          ['X-B', b],
        ]),
      );
    fc.assert(
      fc.property(pair, pair, (one, other) => {
        const key = made(one);
        expect(key).toMatch(/^[\x20-\x7e]+$/);
        expect(key === made(other)).toBe(one[0] === other[0] && one[1] === other[1]);
      }),
      {
        numRuns: 500,
        examples: [
          [
            ['ua:b', 'c'],
            ['ua', 'b:c'],
          ] as never,
          [
            ['u%3Au', 'x'],
            ['u:u', 'x'],
          ] as never,
        ],
      },
    );
  });

  it('is another one for another role, and knows directories apart', () => {
    const user: Principal = {
      ...{ subject: 'u:1', directory: 'main', role: 'clerk', groups: ['a'], attributes: {} },
    };
    const principal = keyOf([{ by: 'user' }, { by: 'principal' }]);
    const of = (changes: Partial<Principal>): string =>
      principal.of(requestOf([], { ...user, ...changes })) ?? '';
    expect(of({})).toMatch(/^main\/u%3A1:[\w-]{22}$/);
    expect(of({})).toBe(of({}));
    const others = [{ role: 'judge' }, { groups: ['a', 'b'] }, { directory: 'other' }].map(of);
    expect(new Set([of({}), ...others]).size).toBe(4);
    expect(of({ subject: 'zo\u{eb}\u{20ac}' })).toMatch(/^main\/zo%EB%u20AC:/);
  });
});
