import { DURATION_BOUNDS_MS } from '../gateway/route-counters.ts';
import {
  buildFigures,
  labelledFigure,
  listenerFigures,
  loginFigures,
  lostLineFigures,
  plainFigure,
  streamFigures,
} from '../observability/catalogue.ts';
import type { Figure } from '../observability/figure.ts';
import { routeFigures } from '../observability/request-figures.ts';
import { groupFigures, limitFigures, upstreamFigures } from '../observability/upstream-figures.ts';
import { certificateFigures, tlsFigures } from '../observability/tls-figures.ts';
import { tokenFigures, zoneFigures } from '../observability/token-figures.ts';
import { LATENCY_BOUNDS_MS } from '../upstream/server-tally.ts';
import type { BoundListener } from './listener.ts';
import { sessionFigures, storeFigures } from './session-figures.ts';
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
      listeners.flatMap(({ routeCounters }) => routeCounters),
      DURATION_BOUNDS_MS,
    ),
    ...upstreamFigures(() => groups.flatMap((upstream) => upstream.tallies()), LATENCY_BOUNDS_MS),
    ...groupFigures(groups.map(({ target }) => target.group)),
    ...limitFigures([...shared.limits.values()]),
    ...keyvalFigures(shared),
    ...aloneFigures(shared.alone),
    ...sessionFigures(sessions),
    ...storeFigures(shared),
    ...auditFigures(shared.audit),
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

function auditFigures({ events, revocations }: Shared['audit']): Figure[] {
  return [
    labelledFigure(
      'counter',
      'audit_events_total',
      'Deeds, as the audit log names them.',
      'event',
      () => Object.entries(events),
    ),
    labelledFigure(
      'counter',
      'revocations_total',
      'Sessions that somebody ended here, by the deed.',
      'reason',
      () => Object.entries(revocations),
    ),
  ];
}
