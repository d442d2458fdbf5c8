import type { SessionsConfig } from '../../src/config/sessions.ts';
import type { Principal } from '../../src/identity/principal.ts';

/** Session settings with small round numbers: idle 3 s, at most 20 s. */
export function sessionsConfigOf(changes: Partial<SessionsConfig> = {}): SessionsConfig {
  return {
    store: { type: 'memory', sessionsMax: 10_000 },
    idleTimeoutMs: 3_000,
    absoluteTimeoutMs: 20_000,
    touchIntervalMs: 300,
    sweepIntervalMs: 750,
    sessionsPerUserMax: 5,
    cacheEntriesMax: 10_000,
    impersonationTimeoutMs: 1_800_000,
    refreshIntervalMs: 60_000,
    ...changes,
  };
}

export function principalNamed(subject: string, directory = 'main'): Principal {
  return { subject, directory, role: 'patient', groups: ['group1'], attributes: {} };
}
