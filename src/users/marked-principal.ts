import type { Principal } from '../identity/principal.ts';

/** Among the attributes, so that every store keeps it with the session; no upstream is told. */
const attribute = 'portcullis:passwordMark';

/** Somebody with the mark of the password that was right at the login. */
export function markedPrincipal(principal: Principal, passwordMark: string | undefined): Principal {
  if (passwordMark === undefined) return principal;
  const attributes = Object.freeze({ ...principal.attributes, [attribute]: passwordMark });
  return Object.freeze({ ...principal, attributes });
}

/** Null: none was known at the login, or there was no password. */
export function markOf({ attributes }: Principal): string | null {
  return attributes[attribute] ?? null;
}
