import type { TokenSubject } from '../tokens/token-service.ts';
import type { Exchange } from './exchange.ts';

/** Whom a token is for, as its maker is told; null where nobody has to log in. */
export function tokenSubjectOf({
  bearer,
  live,
}: Pick<Exchange, 'bearer' | 'live'>): TokenSubject | null {
  const principal = live?.session.principal ?? bearer?.principal;
  if (principal === undefined) return null;
  const { directory, groups, role, subject } = principal;
  return { subject, directory, role, groups, actor: live?.session.actor?.subject ?? null };
}
