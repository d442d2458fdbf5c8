import { SETTLE_BOUNDS_MS } from '../coherence/coherence-counters.ts';
import { COHERENCE_STATES } from '../coherence/follower.ts';
import { DURATION_BOUNDS_MS } from '../gateway/route-counters.ts';
import {
  buildFigures,
  listenerFigures,
  loginFigures,
  lostLineFigures,
  plainFigure,
  routeFigures,
  streamFigures,
} from '../observability/catalogue.ts';
import { coherenceFigures } from '../observability/coherence-figures.ts';
import type { Figure } from '../observability/figure.ts';
import { groupFigures, limitFigures, upstreamFigures } from '../observability/upstream-figures.ts';
import { certificateFigures, tlsFigures } from '../observability/tls-figures.ts';
import { tokenFigures, zoneFigures } from '../observability/token-figures.ts';
import type { Sessions } from '../session/sessions.ts';
import { LATENCY_BOUNDS_MS } from '../upstream/server-tally.ts';
import type { BoundListener } from './listener.ts';
import type { StoreService } from './session-store.ts';
import type { Shared } from './shared.ts';
import { userFigures } from './user-figures.ts';

/** Everything that `/metrics` shows of a gateway process. */
export function figuresOf(shared: Shared, listeners: readonly BoundListener[]): Figure[] {
  const { parts, responses, sessions, upstreams } = shared;
  const groups = [...upstreams.values()];
  return [
    ...buildFigures(parts.version),
    ...listenerFigures(listeners.map(({ counters }) => counters)),
    ...secureFigures(listeners),
    ...routeFigures(
      listeners.flatMap(({ routes }) => routes.map((route) => route.counters)),
      DURATION_BOUNDS_MS,
    ),
    ...upstreamFigures(() => groups.flatMap((upstream) => upstream.tallies()), LATENCY_BOUNDS_MS),
    ...groupFigures(groups.map(({ target }) => target.group)),
    ...limitFigures([...shared.limits.values()]),
    ...keyvalFigures(shared),
    ...aloneFigures(shared.alone),
    ...sessionFigures(sessions),
    ...sharedStoreFigures(shared.store),
    ...loginFigures(shared.logins),
    ...userFigures(shared),
    ...lostLineFigures({ log: parts.logSink, access: shared.accessLog, audit: shared.audit }),
    ...streamFigures(shared.streams),
    plainFigure(
      'counter',
      'response_fields_dropped_total',
      'Fields of upstream answers that only the gateway may set.',
      () => responses.managedDropped,
    ),
    plainFigure(
      'counter',
      'response_cookies_dropped_total',
      "Set-Cookie fields of upstream answers with a name of the gateway's own.",
      () => responses.cookiesDropped,
    ),
  ];
}

function keyvalFigures({ tokenCaches, zones }: Shared): Figure[] {
  return [
    ...tokenFigures(() =>
      tokenCaches.all.map(({ config, counters }) => ({ cache: config.name, ...counters })),
    ),
    ...zoneFigures(() =>
      zones.all.map(({ config, copyCount }) => ({ zone: config.name, copies: copyCount })),
    ),
  ];
}

function aloneFigures(alone: Shared['alone']): Figure[] {
  if (alone === null) return [];
  const help =
    'Rate limits, and the counts of failed logins, that are kept here alone because what shares them does not answer.';
  return [plainFigure('gauge', 'counts_alone', help, alone)];
}

function secureFigures(listeners: readonly BoundListener[]): Figure[] {
  const secure = listeners.map((listener) => listener.secure).filter((one) => one !== null);
  if (secure.length === 0) return [];
  return [
    ...tlsFigures(secure.map(({ counters }) => counters)),
    ...certificateFigures(() =>
      secure.flatMap(({ certificates, counters }) =>
        certificates.all.map(({ config, isLastReloadOk, pair, reloadFailures, reloads }) => ({
          listener: counters.listener,
          certificate: config.label,
          notAfterMs: pair.notAfterMs,
          fingerprint: pair.fingerprint,
          isLastReloadOk,
          reloads,
          reloadFailures,
        })),
      ),
    ),
  ];
}

function sharedStoreFigures({ follower, forged }: StoreService): Figure[] {
  if (follower === null) return [];
  return coherenceFigures(
    () => ({
      state: follower.state,
      states: COHERENCE_STATES,
      members: follower.memberCount,
      counters: follower.counters,
      forged: forged?.() ?? 0,
    }),
    SETTLE_BOUNDS_MS,
  );
}

function sessionFigures(sessions: Sessions): Figure[] {
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
