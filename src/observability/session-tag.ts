import { createHash } from 'node:crypto';

const tags = new WeakMap<object, string>();

/**
 * What stands for a session in a log: 8 hex digits of a hash of its id, enough to follow one person through a day and
 * nothing to log in with. Hashed once a session, not once a request.
 */
export function sessionTagOf(session: { readonly id: string }): string {
  const known = tags.get(session);
  if (known !== undefined) return known;
  const tag = createHash('sha256').update(session.id).digest('hex').slice(0, 8);
  tags.set(session, tag);
  return tag;
}
