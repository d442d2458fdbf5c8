import type { BanOrder, ControlAnswer } from '../admin/control-order.ts';
import type { AuditLog } from '../observability/audit-log.ts';
import type { Log } from '../observability/log.ts';
import type { LoginThrottle } from '../users/login-throttle.ts';

export interface BanParts {
  readonly throttle: LoginThrottle;
  readonly log: Log;
  readonly audit: AuditLog;
}

/** What `portcullis bans` asks for: who has to wait, and that somebody has not to. */
export class BanDeeds {
  readonly #parts: BanParts;

  constructor(parts: BanParts) {
    this.#parts = parts;
  }

  async perform(order: BanOrder): Promise<ControlAnswer> {
    const { audit, log, throttle } = this.#parts;
    if (order.deed === 'bans') return { kind: 'done', value: await throttle.bans() };
    const { whom } = order;
    const cleared = await throttle.clear(whom);
    const reason = whom === 'all' ? 'all' : 'account' in whom ? 'account' : 'address';
    log.info('bans.cleared', { what: reason, cleared });
    const nobody = { actor: null, target: null, address: null, requestId: null };
    audit.note({ event: 'bans.cleared', ...nobody, reason });
    return { kind: 'done', value: { cleared } };
  }
}
