import { SETTLE_BOUNDS_MS } from '../coherence/coherence-counters.ts';
import { COHERENCE_STATES } from '../coherence/follower.ts';
import { systemClock } from '../lib/clock.ts';
import { durationSamples, plainFigure } from '../observability/catalogue.ts';
import { coherenceFigures } from '../observability/coherence-figures.ts';
import type { Figure } from '../observability/figure.ts';
import type { Sessions } from '../session/sessions.ts';
import { STORE_LATENCY_BOUNDS_MS } from '../session/store-latency.ts';
import type { Shared } from './shared.ts';

/** What `/metrics` shows of the store, and of how it is shared. */
export function storeFigures({ sessions, store }: Pick<Shared, 'sessions' | 'store'>): Figure[] {
  const { follower, forged, isReachable } = store;
  return [
    {
      name: 'portcullis_store_seconds',
      kind: 'histogram',
      help: 'Time from a call to the session store to its answer, or to the end of the patience.',
      labels: ['deed'],
      read: () =>
        sessions.counters.storeLatency
          .read()
          .flatMap(({ counts, deed, sumMs }) =>
            durationSamples(counts, sumMs, { deed }, STORE_LATENCY_BOUNDS_MS),
          ),
    },
    {
      ...plainFigure(
        'gauge',
        'store_up',
        '1: the session store can be asked; 0: somebody cannot.',
        () => Number(isReachable?.() !== false),
      ),
      together: 'min',
    },
    ...(follower === null
      ? []
      : coherenceFigures(
          () => ({
            state: follower.state,
            states: COHERENCE_STATES,
            leaseLeftMs: Math.max(0, -follower.lease.overForMs(systemClock.monotonic())),
            members: follower.memberCount,
            counters: follower.counters,
            forged: forged?.() ?? 0,
          }),
          SETTLE_BOUNDS_MS,
        )),
  ];
}

/** What `/metrics` shows of sessions and their cache. */
export function sessionFigures(sessions: Sessions): Figure[] {
  const { counters } = sessions;
  return [
    {
      ...plainFigure('gauge', 'sessions', 'Live sessions in the store.', () => sessions.count()),
      together: 'max', // of the one store
    },
    plainFigure(
      'gauge',
      'session_cache_entries',
      'Sessions in the cache.',
      () => sessions.cached.size,
    ),
    plainFigure(
      'counter',
      'session_cache_hits_total',
      'Requests whose session was in the cache.',
      () => counters.hits,
    ),
    plainFigure(
      'counter',
      'session_cache_misses_total',
      'Genuine tokens whose session was not.',
      () => counters.misses,
    ),
    plainFigure(
      'counter',
      'session_cache_fills_total',
      'Sessions read into the cache.',
      () => counters.fills,
    ),
    plainFigure(
      'counter',
      'sessions_served_stale_total',
      'Requests let in although nobody could say whether their session had ended.',
      () => counters.stale,
    ),
    plainFigure(
      'counter',
      'session_cache_evictions_total',
      'Sessions dropped for space.',
      () => counters.evictions,
    ),
    plainFigure(
      'counter',
      'session_tokens_refused_total',
      'Tokens that were none of ours.',
      () => counters.forged,
    ),
    ...endFigures(counters),
  ];
}

/** What became of sessions, and of the store. */
function endFigures(counters: Sessions['counters']): Figure[] {
  return [
    plainFigure('counter', 'sessions_opened_total', 'Sessions opened.', () => counters.opened),
    plainFigure(
      'counter',
      'sessions_revoked_total',
      'Sessions ended on purpose.',
      () => counters.revoked,
    ),
    plainFigure(
      'counter',
      'sessions_expired_total',
      'Sessions whose time was over.',
      () => counters.expired,
    ),
    plainFigure(
      'counter',
      'store_calls_total',
      'Calls to the session store.',
      () => counters.storeCalls,
    ),
    plainFigure(
      'counter',
      'store_failures_total',
      'Store calls without an answer.',
      () => counters.storeFailures,
    ),
  ];
}
