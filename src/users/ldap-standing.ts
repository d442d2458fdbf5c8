import type { Entry } from 'ldapts';
import { valuesOf } from './ldap-entry.ts';
import { passwordMarkOf } from './standing.ts';

/** Where servers write down when a password was changed: OpenLDAP and 389, Active Directory, FreeIPA. */
const changeAttributes = ['pwdChangedTime', 'pwdLastSet', 'krbLastPwdChange'];

/** Those, and where they lock an account. A server that has none of them leaves it out. */
export const standingAttributes: readonly string[] = [
  ...changeAttributes,
  ...['userAccountControl', 'nsAccountLock', 'pwdAccountLockedTime'],
];

/** Of userAccountControl (MS-ADTS §2.2.16). */
const accountDisable = 0x2;
/** An administrator's lock without end (draft-behera-ldap-password-policy-11, §5.3.3). */
const lockedForGood = '000001010000Z';

/** Whether the server itself says that nobody may log in as this entry, for longer than a lock against guessing. */
export function isBarred(entry: Entry): boolean {
  const [control = '0'] = valuesOf(entry, 'userAccountControl');
  if ((Number(control) & accountDisable) !== 0) return true;
  if (valuesOf(entry, 'nsAccountLock').some((value) => value.toLowerCase() === 'true')) return true;
  return valuesOf(entry, 'pwdAccountLockedTime').includes(lockedForGood);
}

/** Null where the server says nothing of when the password was changed. */
export function passwordMarkIn(entry: Entry): string | null {
  for (const attribute of changeAttributes) {
    const [time] = valuesOf(entry, attribute);
    if (time !== undefined && time !== '') return passwordMarkOf(`${attribute} ${time}`);
  }
  return null;
}
