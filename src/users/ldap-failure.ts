import { ResultCodeError } from 'ldapts';

/** What an LDAP server or the way to it said, as far as a verdict depends on it. */
export interface LdapFailure {
  readonly kind: 'refused' | 'outage';
  /** The result code; null for a failure of the connection. */
  readonly code: number | null;
  /** What Active Directory adds to code 49, for the log only: `52e` is a wrong password, `533` a disabled user. */
  readonly subCode: string | null;
}

/** Something that is not the user's fault: nobody is told that a password was wrong because of it. */
export class LdapOutage extends Error {
  override readonly name = 'LdapOutage';
}

/** The server has the question and does not answer. */
export class LdapTimeout extends LdapOutage {}

/**
 * Codes that answer a bind with a user's password (RFC 4511, appendix A): inappropriate authentication (no password is
 * kept for the entry), invalid credentials, constraint violation and unwilling to perform (an account that is locked or
 * switched off, in OpenLDAP and 389), insufficient access (the entry may not be used to log in).
 */
const refusals: ReadonlySet<number> = new Set([19, 48, 49, 50, 53]);

/** With a name that was made from what somebody typed also: no such object, invalid DN syntax, invalid attribute. */
const refusalsOfNames: ReadonlySet<number> = new Set([...refusals, 21, 32, 34]);

/** Of a bind with a user's password; `isNameMade`: from a template, so that the name may be nobody's. */
export function readBindFailure(error: unknown, isNameMade: boolean): LdapFailure {
  if (!(error instanceof ResultCodeError)) return { kind: 'outage', code: null, subCode: null };
  const codes = isNameMade ? refusalsOfNames : refusals;
  const subCode =
    error.code === 49 ? (/\bdata ([0-9a-f]{2,8})\b/i.exec(error.message)?.[1] ?? null) : null;
  return { kind: codes.has(error.code) ? 'refused' : 'outage', code: error.code, subCode };
}

/** The result code of anything else that failed; null for a failure of the connection. */
export function resultCodeOf(error: unknown): number | null {
  return error instanceof ResultCodeError ? error.code : null;
}

/** The entry that was asked for is not there (32), or is none that may be seen (50). */
export function isNoSuchEntry(error: unknown): boolean {
  const code = resultCodeOf(error);
  return code === 32 || code === 50;
}
