import type { Entry } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { isBarred, passwordMarkIn } from '../../../src/users/ldap-standing.ts';
import { standingFilterFor } from '../../../src/users/ldap-template.ts';

const entry = (attributes: Record<string, string | string[]>): Entry => ({
  dn: 'uid=anna,dc=example',
  ...attributes,
});

describe('an entry of somebody who is logged in', () => {
  it.each([
    { userAccountControl: '514' },
    { userAccountControl: '66050' },
    { nsAccountLock: 'TRUE' },
    { nsaccountlock: 'true' },
    { pwdAccountLockedTime: '000001010000Z' },
  ])('is barred by %j', (attributes) => {
    expect(isBarred(entry(attributes))).toBe(true);
  });

  it.each([
    {},
    { userAccountControl: '512' },
    { userAccountControl: 'nonsense' },
    { nsAccountLock: 'FALSE' },
    // A lock against guessing ends by itself, and is no reason to throw out who is in.
    { pwdAccountLockedTime: '20260101120000Z' },
  ])('is not barred by %j', (attributes) => {
    expect(isBarred(entry(attributes))).toBe(false);
  });

  it('has another mark when the password was changed, whoever wrote that down', () => {
    for (const name of ['pwdChangedTime', 'pwdLastSet', 'krbLastPwdChange', 'PWDLASTSET']) {
      const [one, same, other] = ['1', '1', '2'].map((time) =>
        passwordMarkIn(entry({ [name]: time })),
      );
      expect(one).toMatch(/^[\w-]{22}$/);
      expect([same, other === one]).toEqual([one, false]);
    }
    expect(passwordMarkIn(entry({}))).toBeNull();
    expect(passwordMarkIn(entry({ pwdLastSet: '' }))).toBeNull();
  });
});

describe('the filter for somebody of whom only the name is known', () => {
  it('asks for the name, and for whatever else the configured one asks', () => {
    expect(standingFilterFor('(mail={username})', 'uid', 'a*b')).toBe('(&(uid=a\\2ab)(mail=*))');
    const both = '(&(|(uid={username})(mail={username}))(memberOf=cn=in))';
    expect(standingFilterFor(both, 'uid', 'anna')).toBe(
      '(&(uid=anna)(&(|(uid=*)(mail=*))(memberOf=cn=in)))',
    );
  });

  it('asks for the name in an extensible match, where a star is none', () => {
    const filter = '(sAMAccountName:caseExactMatch:={username})';
    expect(standingFilterFor(filter, 'sAMAccountName', 'anna')).toBe(
      '(&(sAMAccountName=anna)(sAMAccountName:caseExactMatch:=anna))',
    );
  });
});
