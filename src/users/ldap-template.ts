import { escapeDnValue } from './ldap-dn.ts';

const place = '{username}';

/** A value inside a filter (RFC 4515 §3): it stays a value, whatever stands in it. */
function escapeFilterValue(value: string): string {
  return value.replace(
    /[\\*()\0]/g,
    (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

/** A configured filter with somebody's name in it. */
export function filterFor(template: string, username: string): string {
  // A function: in a replacement text `$&` and its like would mean something.
  return template.replaceAll(place, () => escapeFilterValue(username));
}

/**
 * Finds the entry whose name attribute says so, if the configured filter still lets it in, whatever was once typed: that
 * may have been a mail address, and of somebody who is logged in only the name is known.
 */
export function standingFilterFor(
  template: string,
  nameAttribute: string,
  username: string,
): string {
  // In an extensible match a `*` is no wildcard: there the name is all that can be asked for.
  const isExtensible = /[:~<>]=[^()]*\{username\}/.test(template);
  const anybody = isExtensible ? filterFor(template, username) : template.replaceAll(place, '*');
  return `(&(${nameAttribute}=${escapeFilterValue(username)})${anybody})`;
}

/** Whether a template gives distinguished names, and not `name@domain` or `DOMAIN\name`. */
export function isDnTemplate(template: string): boolean {
  return template.includes('=');
}

/**
 * The name to bind with. Active Directory takes many forms for one (MS-ADTS §5.1.1.1.1), so in a form that is not a
 * distinguished name only plain names get in; null for others.
 */
export function bindNameFor(template: string, username: string): string | null {
  if (isDnTemplate(template)) return template.replaceAll(place, () => escapeDnValue(username));
  if (!/^[\p{L}\p{N}._'!#$^`~&-]+$/u.test(username)) return null;
  return template.replaceAll(place, () => username);
}
