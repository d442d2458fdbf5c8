import { flatString } from '../lib/flat-string.ts';
import type { Principal } from './principal.ts';

/** From where somebody logged in, and at which node. */
export interface LoginOrigin {
  readonly address: string;
  readonly node: string;
}

/** Among the attributes, so that every store keeps it with the session; no upstream is told. */
const attribute = 'portcullis:from';
const none = Object.freeze({});

/** Somebody with the place that the login came from. One text in one piece, for there may be a million of them, and
 * an address may have been cut off a request head. */
export function withLoginOrigin(principal: Principal, { address, node }: LoginOrigin): Principal {
  const attributes = Object.freeze({
    ...principal.attributes,
    [attribute]: flatString(`${address} ${node}`),
  });
  return Object.freeze({ ...principal, attributes });
}

/** For caches: only those who list sessions ask for it, and they ask the store. */
export function withoutLoginOrigin(principal: Principal): Principal {
  if (principal.attributes[attribute] === undefined) return principal;
  const others = Object.entries(principal.attributes).filter(([name]) => name !== attribute);
  const attributes = others.length === 0 ? none : Object.fromEntries(others);
  return { ...principal, attributes };
}

/** Null: the session was opened before this was kept. */
export function loginOriginOf({ attributes }: Principal): LoginOrigin | null {
  const text = attributes[attribute];
  if (text === undefined) return null;
  // No address holds a blank.
  const blank = text.indexOf(' ');
  return { address: text.slice(0, blank), node: text.slice(blank + 1) };
}
