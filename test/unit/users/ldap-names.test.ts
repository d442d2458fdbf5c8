import fc from 'fast-check';
import { FilterParser } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { escapeDnValue, firstValueOf, normalDn, parseDn } from '../../../src/users/ldap-dn.ts';
import { bindNameFor, filterFor } from '../../../src/users/ldap-template.ts';

const names = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...' \\,+"<>;=#*()\0aé\u{1f600}') }),
);

describe('a distinguished name', () => {
  it.each([
    ['CN=Board\\, inner,OU=x', 'Board, inner'],
    ['cn=a\\2Cb,dc=x', 'a,b'],
    ['cn=caf\\C3\\A9,dc=x', 'café'],
    ['cn= padded  value ,dc=x', 'padded  value'],
    ['cn=ends\\ ,dc=x', 'ends '],
    ['cn=a+ou=b,dc=x', 'a'],
    ['2.5.4.3=by number', 'by number'],
    ['cn=\\#1,dc=x', '#1'],
    ['cn=,dc=x', ''],
  ])('%s begins with the value %j', (dn, value) => {
    expect(firstValueOf(dn)).toBe(value);
  });

  it.each(['', 'x', '=x', 'cn', 'cn=a,', 'cn=a\\', 'cn="a",dc=x', 'cn=a\\zz,dc=x', '-=x'])(
    '%j is none',
    (dn) => {
      expect(parseDn(dn)).toBeNull();
      expect(normalDn(dn)).toBeNull();
    },
  );

  it.each([
    ['CN=A  b , DC=X', 'cn=a b,dc=x'],
    ['ou=b+cn=a,dc=x', 'CN=A+OU=B,DC=X'],
    ['cn=a\\,b,dc=x', 'cn=a\\2cb;dc=x'],
  ])('%s and %s are one', (one, other) => {
    expect(normalDn(one)).toBe(normalDn(other));
  });

  it('never becomes another one by a comma in a value', () => {
    expect(normalDn('cn=a\\,dc=x')).not.toBe(normalDn('cn=a,dc=x'));
  });

  it('keeps whatever stands in a value, and gets no further step from it', () => {
    fc.assert(
      fc.property(names, (name) => {
        const dn = parseDn(`uid=${escapeDnValue(name)},ou=people,dc=x`);
        expect(dn).toHaveLength(3);
        expect(dn?.[0]).toEqual([{ type: 'uid', value: name }]);
      }),
    );
  });
});

describe('a template', () => {
  it('keeps whatever stands in a name as one value of the filter', () => {
    fc.assert(
      fc.property(names, (name) => {
        const filter = filterFor('(&(objectClass=person)(uid={username}))', name);
        const parsed: unknown = FilterParser.parseString(filter);
        expect(parsed).toMatchObject({
          filters: [{ attribute: 'objectClass' }, { attribute: 'uid', value: name }],
        });
      }),
    );
  });

  it('puts a name in where it stands, more than once too', () => {
    expect(filterFor('(|(uid={username})(mail={username}))', '$&*')).toBe(
      '(|(uid=$&\\2a)(mail=$&\\2a))',
    );
    expect(bindNameFor('uid={username},dc=x', 'a,b=c')).toBe('uid=a\\,b\\=c,dc=x');
  });
});
