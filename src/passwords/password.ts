/**
 * The longest password that is looked at, in bytes of UTF-8. Hashing time grows with it, and so
 * does what a login request may make us copy; nobody types more.
 */
export const passwordBytesMax = 4096;

/**
 * Whether a password may be checked at all. What is refused here is refused before any hashing, and
 * says nothing about any user:
 * - an empty one, because an LDAP simple bind with an empty password is an anonymous bind, which
 *   succeeds (RFC 4513 §5.1.2), and because nobody has one on purpose;
 * - one with NUL, because C libraries behind directories stop reading there: `secret\0x` would pass
 *   for `secret`;
 * - one above `passwordBytesMax`;
 * - a string that is not well-formed Unicode, because all its lone surrogates would turn into the
 *   same replacement character, and different passwords into the same bytes.
 */
export function isPasswordAcceptable(password: string): boolean {
  return (
    password !== '' &&
    password.length <= passwordBytesMax &&
    !password.includes('\0') &&
    password.isWellFormed() &&
    Buffer.byteLength(password) <= passwordBytesMax
  );
}
