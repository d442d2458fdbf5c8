import type { AdminDeed } from '../admin/admin-deed.ts';
import type { AuditLog } from '../observability/audit-log.ts';
import type { Log } from '../observability/log.ts';
import type { LoginThrottle } from '../users/login-throttle.ts';

export interface BansParts {
  readonly throttle: LoginThrottle;
  readonly log: Log;
  readonly audit: AuditLog;
}

/** What `portcullis bans` asks for: who has to wait, and that somebody has not to. */
export function bansDeeds({ audit, log, throttle }: BansParts): readonly AdminDeed[] {
  return [
    {
      path: '/bans',
      method: 'GET',
      answer: async () => ({ bans: await throttle.bans() }),
    },
    {
      path: '/bans/clear',
      method: 'POST',
      answer: async (body) => {
        const whom = whomIn(body);
        if (whom === null) return null;
        const cleared = await throttle.clear(whom);
        const reason = whom === 'all' ? 'all' : 'account' in whom ? 'account' : 'address';
        log.info('bans.cleared', { what: reason, cleared });
        const nobody = { actor: null, target: null, address: null, requestId: null };
        audit.note({ event: 'bans.cleared', ...nobody, reason });
        return { cleared };
      },
    },
  ];
}

function whomIn(body: unknown): Parameters<LoginThrottle['clear']>[0] | null {
  if (typeof body !== 'object' || body === null) return null;
  const own = new Map<string, unknown>(Object.entries(body));
  if (own.size !== 1) return null;
  const [account, address] = [own.get('account'), own.get('address')];
  if (typeof account === 'string') return { account };
  if (typeof address === 'string') return { address };
  return own.get('all') === true ? 'all' : null;
}
