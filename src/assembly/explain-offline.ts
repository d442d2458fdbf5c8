import type { ControlAnswer, ExplainingOrder } from '../admin/control-order.ts';
import type { Config } from '../config/config.ts';
import type { Principal } from '../identity/principal.ts';
import { Lifecycle } from '../lifecycle/phase.ts';
import { silentLog } from '../observability/log.ts';
import { BearerCache } from '../users/bearer-cache.ts';
import { performExplaining } from './explaining.ts';
import { createShared } from './shared.ts';

/**
 * The same by a configuration alone, without a running gateway: nothing is opened or asked, and nobody is logged in but
 * `somebody`, for whom a session is made up.
 */
export async function explainOffline(
  config: Config,
  order: ExplainingOrder,
  somebody: Principal | null,
): Promise<ControlAnswer> {
  const alone: Config = {
    ...config,
    accessLog: { ...config.accessLog, isEnabled: false },
    audit: { ...config.audit, isEnabled: false },
    sessions: { ...config.sessions, store: { type: 'memory', sessionsMax: 1 } },
  };
  const whole = await createShared({
    config: alone,
    log: silentLog,
    logSink: { write: () => true, lostLines: 0 },
    lifecycle: new Lifecycle(() => {}),
    version: '',
    descriptorLimit: null,
    seat: null,
  });
  // Keys of token directories are at their issuers.
  const bearers = new BearerCache({
    directories: { authenticateToken: () => Promise.resolve({ kind: 'unavailable' }) },
    entriesMax: 0,
    describe: () => null,
  });
  const shared = { ...whole, bearers };
  try {
    if (somebody === null) return await performExplaining(shared, order);
    const opening = await shared.sessions.open(somebody, null);
    if (opening.kind !== 'opened') throw new Error('no session could be made up');
    const secure = config.listeners.find(({ name }) => name === order.listener)?.isSecure;
    const name = shared.cookie.nameFor(secure === true);
    const head = `${order.head.slice(0, -2)}Cookie: ${name}=${opening.token}\r\n\r\n`;
    return await performExplaining(shared, { ...order, head });
  } finally {
    await shared.directories.close();
  }
}
