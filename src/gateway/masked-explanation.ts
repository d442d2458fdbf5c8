import { canonicalFieldName } from '../http/field-names.ts';
import type { Explanation } from './explanation.ts';
import { isSecretName, maskedTarget, maskedValue } from './masked-target.ts';
import { tokenToFetch } from './paper-tokens.ts';

const mask = '***';
/** Browsers have no other place for a token in the handshake of a WebSocket. */
const secretFields: ReadonlySet<string> = new Set(['sec-websocket-protocol']);
/** What the handshake proves itself with is new each time, and opens nothing. */
const handshakeKey = /^[A-Za-z0-9+/]{22}==$/;
/** A signed token, whatever field it is in. */
const signedToken = /eyJ[\w-]*\.[\w-]*\./;

/** The same without anything that would let its reader in somewhere: to be shown and sent. */
export function maskedExplanation(
  explanation: Explanation,
  tokenFields: readonly string[],
): Explanation {
  const secret = new Set([...secretFields, ...tokenFields.map(canonicalFieldName)]);
  const valueOf = (name: string, value: string): string => {
    const canonical = canonicalFieldName(name);
    if (canonical === 'cookie') return maskedCookies(value);
    if (secret.has(canonical)) return value === tokenToFetch ? value : mask;
    if (canonical === 'sec-websocket-key' && handshakeKey.test(value)) return value;
    // Addresses are in many fields, such as Referer and those of proxies that rewrite.
    return isSecretName(canonical) || signedToken.test(value) ? mask : maskedValue(value);
  };
  const { head, path, removed, target } = explanation;
  return {
    ...explanation,
    target: maskedTarget(target),
    path: maskedTarget(path),
    removed: removed.map(({ name, value, why }) => ({ name, value: valueOf(name, value), why })),
    head: head === null ? null : maskedHead(head, valueOf),
  };
}

function maskedHead(head: string, valueOf: (name: string, value: string) => string): string {
  const [line = '', ...fields] = head.split('\r\n');
  const [method = '', target = '', version = ''] = line.split(' ');
  const masked = fields.map((field) => {
    const colon = field.indexOf(': ');
    if (colon < 0) return field;
    const name = field.slice(0, colon);
    return `${name}: ${valueOf(name, field.slice(colon + 2))}`;
  });
  return [`${method} ${maskedTarget(target)} ${version}`, ...masked].join('\r\n');
}

/** Names tell what an application gets; values log in. */
function maskedCookies(value: string): string {
  return value
    .split(';')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? ` ${mask}` : `${pair.slice(0, at)}=${mask}`;
    })
    .join(';')
    .trim();
}
