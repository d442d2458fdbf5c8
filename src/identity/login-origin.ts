import type { Principal } from './principal.ts';

/** From where somebody logged in, and at which node. */
export interface LoginOrigin {
  readonly address: string;
  readonly node: string;
}

/** Among the attributes, so that every store keeps it with the session; no upstream is told. */
const attribute = 'portcullis:from';

/** Somebody with the place that the login came from. One text, for there may be a million of them. */
export function withLoginOrigin(principal: Principal, { address, node }: LoginOrigin): Principal {
  const attributes = Object.freeze({
    ...principal.attributes,
    [attribute]: `${address} ${node}`,
  });
  return Object.freeze({ ...principal, attributes });
}

/** Null: the session was opened before this was kept. */
export function loginOriginOf({ attributes }: Principal): LoginOrigin | null {
  const text = attributes[attribute];
  if (text === undefined) return null;
  // No address holds a blank.
  const blank = text.indexOf(' ');
  return { address: text.slice(0, blank), node: text.slice(blank + 1) };
}
