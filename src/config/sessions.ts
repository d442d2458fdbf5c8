import * as z from 'zod';
import { duration, formatDuration } from './duration.ts';
import { optionBlock, wholeNumber } from './kinds.ts';
import type { Options, Part } from './read-options.ts';
import { partAt, readOptions } from './read-options.ts';
import { readSessionStore, sessionStoreOptions } from './session-store.ts';
import type { SessionStoreConfig } from './session-store.ts';

/** How long a login lasts, and where that is remembered. */
export interface SessionsConfig {
  readonly store: SessionStoreConfig;
  /** A session that nobody used for so long ends. */
  readonly idleTimeoutMs: number;
  /** A session ends this long after its login, however busy it is. Never below the idle timeout. */
  readonly absoluteTimeoutMs: number;
  /**
   * How often, at most, the store hears that a session is in use. At most half the idle timeout.
   */
  readonly touchIntervalMs: number;
  /** How often expired sessions are removed. */
  readonly sweepIntervalMs: number;
  /** One login more ends the user's oldest session. */
  readonly sessionsPerUserMax: number;
  /** Tokens that a worker remembers the session of. */
  readonly cacheEntriesMax: number;
  /** Whoever acts for somebody is oneself again after so long. */
  readonly impersonationTimeoutMs: number;
  /** How often somebody who is logged in is looked up again; 0: never. */
  readonly refreshIntervalMs: number;
}

const fields = {
  idleTimeout: duration({ min: '1s', max: '30d' })
    .prefault('30m')
    .describe(
      'A session that nobody used for so long ends, 1s to 30d. Default 30m: what a stolen ' +
        'laptop is good for, against how often people log in.',
    ),
  absoluteTimeout: duration({ min: '1s', max: '400d' })
    .prefault('12h')
    .describe(
      'A session ends this long after its login, however busy it is; 1s to 400d, not below ' +
        'idleTimeout. Default 12h: a long working day. It bounds what a stolen token is good ' +
        'for that somebody keeps alive.',
    ),
  touchInterval: duration({ min: '1ms', max: '15d' })
    .optional()
    .describe(
      'How often, at most, the store is told that a session is in use; at most half of ' +
        'idleTimeout. Default: a tenth of it, so that the requests of a busy user cost the ' +
        'store nothing. A cookie with maxAge is renewed as often.',
    ),
  sweepInterval: duration({ min: '10ms', max: '1d' })
    .optional()
    .describe(
      'How often expired sessions are removed, 10ms to 1d. Default: 30s, or a quarter of ' +
        'idleTimeout where that is less. Only memory depends on it: an expired session is ' +
        'refused at once.',
    ),
  sessionsPerUserMax: wholeNumber({ min: 1, max: 100_000 })
    .default(100)
    .describe(
      'How many sessions one user may have, 1 to 100000; one login more ends the oldest. ' +
        'Default 100: more than anybody has devices, and a script that logs in for every call ' +
        'cannot fill the store.',
    ),
  cacheEntriesMax: wholeNumber({ min: 1, max: 10_000_000 })
    .default(1_000_000)
    .describe(
      'For how many tokens a worker remembers the session, 1 to 10000000. Default 1000000. More ' +
        'tokens than that in use cost a decryption and a look into the store each.',
    ),
  impersonationTimeout: duration({ min: '1s', max: '30m' })
    .prefault('30m')
    .describe(
      'How long a member of staff may act for somebody (escalate) before saying so again, 1s to ' +
        '30m. Default 30m: one conversation. Never longer than the own session.',
    ),
  refreshInterval: duration({ min: '1s', max: '1d', zero: 'never' })
    .prefault('5m')
    .describe(
      'How often those who are using a session are looked up in their directory again, 1s to 1d, ' +
        'or 0 for never. Default 5m: after at most that long somebody who was disabled or ' +
        'deleted there, has another password, or lost a role or a group, loses the sessions from ' +
        'before. A directory that does not answer ends no session. Each look-up is a query for ' +
        'each user who is active.',
    ),
};

/** The store is read by its own reader. */
const sessionsFields = optionBlock({ store: z.unknown().optional(), ...fields });

export const sessionsOptions = optionBlock({
  store: sessionStoreOptions.optional(),
  ...fields,
}).describe('How long a login lasts, and where that is remembered.');

export function readSessions(part: Part, configPath: string): SessionsConfig | undefined {
  const options = readOptions(sessionsFields, part);
  const store = readSessionStore(partAt(part, 'store'), configPath);
  if (options === undefined) return undefined;
  checkRelations(options, part);
  if (store === undefined) return undefined;
  const { idleTimeout, sessionsPerUserMax, cacheEntriesMax } = options.value;
  return {
    store,
    idleTimeoutMs: idleTimeout,
    absoluteTimeoutMs: options.value.absoluteTimeout,
    touchIntervalMs: options.value.touchInterval ?? Math.max(1, Math.floor(idleTimeout / 10)),
    sweepIntervalMs: options.value.sweepInterval ?? Math.min(30_000, Math.floor(idleTimeout / 4)),
    sessionsPerUserMax,
    cacheEntriesMax,
    impersonationTimeoutMs: options.value.impersonationTimeout,
    refreshIntervalMs: options.value.refreshInterval,
  };
}

function checkRelations(options: Options<z.output<typeof sessionsFields>>, part: Part): void {
  const { problems } = part.document;
  const { idleTimeout, absoluteTimeout, touchInterval } = options.value;
  if (!options.isSound('idleTimeout')) return;
  if (absoluteTimeout < idleTimeout && options.isSound('absoluteTimeout')) {
    const message = `is ${formatDuration(absoluteTimeout)}, shorter than idleTimeout`;
    const expected = `expected at least ${formatDuration(idleTimeout)}, or a shorter idleTimeout`;
    problems.add([...part.path, 'absoluteTimeout'], message, expected);
  }
  const touchMax = Math.floor(idleTimeout / 2);
  if (touchInterval !== undefined && touchInterval > touchMax && options.isSound('touchInterval')) {
    const message = `is ${formatDuration(touchInterval)}, more than half of idleTimeout`;
    const expected = `expected at most ${formatDuration(touchMax)}, or a longer idleTimeout`;
    problems.add([...part.path, 'touchInterval'], message, expected);
  }
}
