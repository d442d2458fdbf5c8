import type { Principal } from './principal.ts';

export type UserInfoFormat = 'json' | 'tyke';

export type UserInfo =
  | { readonly kind: 'encoded'; readonly value: string }
  /** The format has no way to write a name or a group of this user. */
  | { readonly kind: 'unencodable' }
  | { readonly kind: 'tooLarge'; readonly bytes: number };

/**
 * The value of the field that tells an upstream who is asking. Printable ASCII in both formats, so that it is one and
 * the same for every parser between here and there.
 */
export function encodeUserInfo(
  principal: Principal,
  actor: { readonly subject: string } | null,
  format: UserInfoFormat,
  bytesMax: number,
): UserInfo {
  const value = format === 'json' ? encodeJson(principal, actor) : encodeTyke(principal);
  if (value === null) return { kind: 'unencodable' };
  if (value.length > bytesMax) return { kind: 'tooLarge', bytes: value.length };
  return { kind: 'encoded', value };
}

/** `act` is who stands behind an impersonation, as in RFC 8693 §4.1. */
function encodeJson(principal: Principal, actor: { readonly subject: string } | null): string {
  const { subject, role, groups } = principal;
  const claims = { username: subject, role, groups };
  const json = JSON.stringify(
    actor === null ? claims : { ...claims, act: { username: actor.subject } },
  );
  // By code unit: a character beyond the first plane becomes its surrogate pair, which is how JSON writes it.
  return json.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * `user:role:group1,group2`. It has no escapes, so a part that holds a separator would be read as two, an empty group as
 * none, and a blank at an end would be trimmed on the way: somebody else's name each time. There is no place for an
 * actor.
 */
function encodeTyke({ subject, role, groups }: Principal): string | null {
  if (subject === '' || !isPlain(subject) || !isPlain(role)) return null;
  if (groups.some((group) => group === '' || group.includes(',') || !isPlain(group))) return null;
  return `${subject}:${role}:${groups.join(',')}`;
}

/** Printable ASCII without colons, without blanks at the ends. */
function isPlain(part: string): boolean {
  return /^[\x20-\x39\x3b-\x7e]*$/.test(part) && part.trim() === part;
}
