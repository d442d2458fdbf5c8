import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Principal } from '../../../src/identity/principal.ts';
import { encodeUserInfo } from '../../../src/identity/user-info.ts';

const noLimit = 1_000_000;

function principalOf(subject: string, role: string, groups: readonly string[]): Principal {
  return { subject, directory: 'main', role, groups, attributes: { mail: 'secret@example.org' } };
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 8 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom('a', ':', ',', ' ', '"', '\\', '\r', '\n', '\t', '\u007f', 'é'),
  }),
);
const anyPrincipal = fc
  .tuple(anyText, anyText, fc.array(anyText, { maxLength: 4 }))
  .map(([subject, role, groups]) => principalOf(subject, role, groups));
const printable = /^[\x20-\x7e]*$/;

describe('user info as json', () => {
  test('says who it is, and nothing else', () => {
    const info = encodeUserInfo(
      principalOf('user1', 'physician', ['g1', 'g2']),
      null,
      'json',
      noLimit,
    );
    expect(info).toEqual({
      kind: 'encoded',
      value: '{"username":"user1","role":"physician","groups":["g1","g2"]}',
    });
  });

  test('says who stands behind an impersonation', () => {
    const info = encodeUserInfo(
      principalOf('user1', 'nobody', []),
      { subject: 'admin' },
      'json',
      noLimit,
    );
    expect(info).toEqual({
      kind: 'encoded',
      value: '{"username":"user1","role":"nobody","groups":[],"act":{"username":"admin"}}',
    });
  });

  test('escapes by code unit what is not printable ASCII', () => {
    const info = encodeUserInfo(
      principalOf('é😀\ud800\r\n\u007f', '"\\', []),
      null,
      'json',
      noLimit,
    );
    expect(info).toEqual({
      kind: 'encoded',
      value: String.raw`{"username":"\u00e9\ud83d\ude00\ud800\r\n\u007f","role":"\"\\","groups":[]}`,
    });
  });

  test('is printable ASCII and reads back as it was, whatever the names', () => {
    fc.assert(
      fc.property(anyPrincipal, fc.option(anyText), (principal, behind) => {
        const actor = behind === null ? null : { subject: behind };
        const info = encodeUserInfo(principal, actor, 'json', noLimit);
        if (info.kind !== 'encoded') throw new Error(info.kind);
        expect(info.value).toMatch(printable);
        expect(info.value.startsWith('{')).toBe(true);
        const { subject, role, groups } = principal;
        expect(JSON.parse(info.value)).toEqual({
          username: subject,
          role,
          groups,
          ...(actor && { act: { username: actor.subject } }),
        });
      }),
    );
  });
});

describe('user info as tyke', () => {
  test('is user, role and groups, with a colon at the end where there are none', () => {
    expect(
      encodeUserInfo(principalOf('user1', 'physician', ['g1', 'g 2']), null, 'tyke', 40),
    ).toEqual({
      kind: 'encoded',
      value: 'user1:physician:g1,g 2',
    });
    expect(encodeUserInfo(principalOf('user2', 'patient', []), null, 'tyke', 40)).toEqual({
      kind: 'encoded',
      value: 'user2:patient:',
    });
  });

  test('has no place for an actor', () => {
    const principal = principalOf('user1', 'patient', []);
    expect(encodeUserInfo(principal, { subject: 'a:b' }, 'tyke', 40)).toEqual(
      encodeUserInfo(principal, null, 'tyke', 40),
    );
  });

  test.each([
    ['a colon in a name', principalOf('user1:staffuser:', 'patient', [])],
    ['a colon in a role', principalOf('user1', 'patient:staff', [])],
    ['a colon in a group', principalOf('user1', 'patient', ['a:b'])],
    ['a comma in a group', principalOf('user1', 'patient', ['a,b'])],
    ['an empty group', principalOf('user1', 'patient', [''])],
    ['an empty name', principalOf('', 'patient', [])],
    ['a blank that would be trimmed', principalOf(' root', 'patient', [])],
    ['a blank at the end', principalOf('user1', 'patient', ['a '])],
    ['a line break', principalOf('user1\r\nX: y', 'patient', [])],
    ['a letter that is not ASCII', principalOf('josé', 'patient', [])],
  ])('cannot carry %s', (_, principal) => {
    expect(encodeUserInfo(principal, null, 'tyke', noLimit)).toEqual({ kind: 'unencodable' });
  });

  test('is printable ASCII and reads back as it was, or is refused', () => {
    let encoded = 0;
    const plain = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '-', ',', ':', '{') });
    const principals = fc
      .tuple(plain, plain, fc.array(plain, { maxLength: 3 }))
      .map(([subject, role, groups]) => principalOf(subject, role, groups));
    fc.assert(
      fc.property(fc.oneof(anyPrincipal, principals), (principal) => {
        const info = encodeUserInfo(principal, null, 'tyke', noLimit);
        if (info.kind === 'unencodable') return;
        if (info.kind !== 'encoded') throw new Error(info.kind);
        encoded += 1;
        expect(info.value).toMatch(printable);
        expect(info.value.trim()).toBe(info.value);
        const [subject, role, groups = '', ...rest] = info.value.split(':');
        expect(rest).toEqual([]);
        expect({ subject, role, groups: groups === '' ? [] : groups.split(',') }).toEqual({
          subject: principal.subject,
          role: principal.role,
          groups: principal.groups,
        });
      }),
      { numRuns: 2_000 },
    );
    expect(encoded).toBeGreaterThan(20);
  });
});

test.each(['json', 'tyke'] as const)(
  'user info as %s may be as long as the limit says',
  (format) => {
    const principal = principalOf('user1', 'physician', ['g1']);
    const info = encodeUserInfo(principal, null, format, noLimit);
    const bytes = info.kind === 'encoded' ? Buffer.byteLength(info.value) : 0;
    expect(encodeUserInfo(principal, null, format, bytes)).toEqual(info);
    expect(encodeUserInfo(principal, null, format, bytes - 1)).toEqual({ kind: 'tooLarge', bytes });
  },
);
