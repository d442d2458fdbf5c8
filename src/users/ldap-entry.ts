import type { Entry } from 'ldapts';
import type { LdapSearch } from './ldap-connection.ts';
import { parseDn } from './ldap-dn.ts';

/** Whoever can be asked: the pool of the service, or a connection that is bound as a user. */
export interface LdapAsked {
  search(search: LdapSearch): Promise<readonly Entry[]>;
}

/** The values of an attribute as text, whatever its case; servers choose the case, and how many there are the shape. */
export function valuesOf(entry: Entry, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase();
  // `dn` is where the client puts the entry's name.
  const key = Object.keys(entry).find((name) => name !== 'dn' && name.toLowerCase() === wanted);
  const value = key === undefined ? [] : (entry[key] ?? []);
  const values = Array.isArray(value) ? value : [value];
  return values.map((one) => (typeof one === 'string' ? one : one.toString('utf8')));
}

/**
 * The one name of an entry that has several, the same at every login: the one in its distinguished name, else the first
 * in code point order (servers keep none).
 */
export function nameOf(entry: Entry, attribute: string): string | null {
  const values = valuesOf(entry, attribute);
  const own = parseDn(entry.dn)?.[0]?.find(
    ({ type }) => type.toLowerCase() === attribute.toLowerCase(),
  );
  if (own !== undefined && values.includes(own.value)) return own.value;
  return values.toSorted()[0] ?? null;
}
