import { canonicalFieldName } from '../http/field-names.ts';
import type { Explanation } from './explanation.ts';

const mask = '***';
/** Fields and parameters whose values let somebody in, by what they are usually called. */
const secretName = /auth|token|secret|passw|api-?key|session|signature|cookie/i;

/** The same without anything that would let its reader in somewhere: to be shown and sent. */
export function maskedExplanation(
  explanation: Explanation,
  tokenFields: readonly string[],
): Explanation {
  const secret = new Set(tokenFields.map(canonicalFieldName));
  const valueOf = (name: string, value: string): string => {
    const canonical = canonicalFieldName(name);
    if (canonical === 'cookie') return maskedCookies(value);
    return secret.has(canonical) || secretName.test(canonical) ? mask : value;
  };
  const { head, removed, target } = explanation;
  return {
    ...explanation,
    target: maskedTarget(target),
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

function maskedTarget(target: string): string {
  return target.replaceAll(/([?&;])([^=&;]*)=([^&;]*)/g, (whole, mark, name) =>
    secretName.test(String(name)) || String(name) === 'code' ? `${mark}${name}=${mask}` : whole,
  );
}
