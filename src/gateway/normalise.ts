import { canonicalHost } from '../http/host.ts';
import { canonicalTarget } from '../http/request-target.ts';
import type { Refusal } from '../wire/refusals.ts';
import type { Exchange } from './exchange.ts';

const ABSOLUTE = /^https?:\/\/([^/?]+)(.*)$/i;

/** The target in canonical form, once, for everybody after this phase. Returns why it is refused, or null. */
export function normalise(
  exchange: Exchange,
  rules: { readonly isStrict: boolean; readonly acceptAbsoluteForm: boolean },
): Refusal | null {
  let { target } = exchange.head;
  if (target.charCodeAt(0) !== 0x2f) {
    const rest = rules.acceptAbsoluteForm ? originForm(target, exchange.head.authority) : null;
    if (rest === null) return 'target-form';
    target = rest;
  }
  const canonical = canonicalTarget(target, rules.isStrict);
  if (typeof canonical === 'string') return canonical;
  exchange.path = canonical.path;
  exchange.query = canonical.query;
  return null;
}

/** RFC 9112 §3.2.2, where a listener accepts it: only with the authority that Host has, too. */
function originForm(target: string, authority: string): string | null {
  const match = ABSOLUTE.exec(target);
  if (match === null) return null;
  if (canonicalHost(match[1] ?? '')?.authority !== authority) return null;
  const rest = match[2] ?? '';
  return rest.startsWith('/') ? rest : `/${rest}`;
}
