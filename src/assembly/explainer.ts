import type { ListenerConfig } from '../config/listener.ts';
import { explain } from '../gateway/explain.ts';
import type { ExplainOrder, Explanation } from '../gateway/explanation.ts';
import { LiveStreams } from '../gateway/live-streams.ts';
import type { PaperForwarder } from '../gateway/paper-forwarder.ts';
import type { PaperTokens } from '../gateway/paper-tokens.ts';
import { Pipeline, type PipelineParts } from '../gateway/pipeline.ts';
import { RouteCounters } from '../gateway/route-counters.ts';
import { RouteTable } from '../gateway/route-table.ts';
import { Route, type RouteTarget } from '../gateway/route.ts';
import { Tracing } from '../gateway/tracing.ts';
import type { Situation } from '../http/answer-table.ts';
import { Answers } from '../http/answers.ts';
import type { Asking } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import { AddressSet } from '../lib/address-set.ts';
import { systemClock } from '../lib/clock.ts';
import { settleWithin } from '../lib/settle-within.ts';
import { createAccessLog } from '../observability/access-log.ts';
import { routeTarget } from './route-target.ts';
import type { Shared } from './shared.ts';

/** A store that does not answer is not waited for any longer. */
const explainMs = 10_000;

/** Answers as all others do, and keeps which situation it was. */
class TellingAnswers extends Answers {
  situation: Situation | null = null;

  override answer(situation: Situation, asking: Asking): Reply {
    this.situation = situation;
    return super.answer(situation, asking);
  }
}

/**
 * Explains requests by the pipeline of their listener: the same routes, sessions, tokens and servers. Nothing is sent,
 * logged, counted or ended for them, and endpoints are not run. A token that is not in its cache is not fetched.
 */
export async function explainRequest(
  shared: Shared,
  order: ExplainOrder,
): Promise<Explanation | null> {
  const listener = listenerFor(shared.parts.config.listeners, order);
  if (listener === undefined) return null;
  const answers = new TellingAnswers(shared.answers.mode, shared.cookie, shared.answers.pages);
  const paperTokens: PaperTokens[] = [];
  const parts = {
    listener,
    names: shared.names,
    clock: systemClock,
    createPipeline: (forwarder: PaperForwarder) =>
      paperPipeline(shared, listener, answers, forwarder, paperTokens),
    situation: () => answers.situation,
    isTokenMissed: () => paperTokens.some(({ isMissed }) => isMissed),
  };
  return await settleWithin(explain(parts, order), explainMs);
}

function listenerFor(
  listeners: readonly ListenerConfig[],
  { listener, port }: ExplainOrder,
): ListenerConfig | undefined {
  if (listener !== null) return listeners.find(({ name }) => name === listener);
  return listeners.find((one) => port !== null && one.port === port) ?? listeners[0];
}

function paperPipeline(
  shared: Shared,
  listener: ListenerConfig,
  answers: Answers,
  forwarder: PaperForwarder,
  paperTokens: PaperTokens[],
): Pipeline {
  const { config, log } = shared.parts;
  const { sessions } = shared;
  const trustedProxies = new AddressSet(listener.trustedProxies);
  const tracing = new Tracing(config.tracing, trustedProxies);
  const routes = listener.routes.map((route) => {
    const target = withoutDeeds(routeTarget(route, listener, tracing, shared));
    // Without its limits: whoever asks what would be takes nobody's share.
    const tokens = shared.tokenCaches.lookOf(route);
    if (tokens !== null) paperTokens.push(tokens.cache);
    return new Route(listener.name, route, target, [], tokens);
  });
  return new Pipeline({
    ...shared,
    recent: null,
    unrouted: new RouteCounters(listener.name, '-'),
    tracing,
    listener,
    answers,
    forwarder,
    sessions: untouched(sessions),
    accessLog: createAccessLog({ ...config.accessLog, isEnabled: false }, () => {
      throw new Error('nothing is logged here');
    }),
    streams: new LiveStreams(sessions, systemClock, 0),
    loginUrl: config.login.url,
    routes: new RouteTable(routes),
    trustedPeers: new AddressSet(listener.trustedPeers),
    trustedProxies,
    clock: systemClock,
    failed: (error) => log.debug('explain.failed', { detail: String(error) }),
  });
}

/** A look is no activity: the store is told of none. */
function untouched(sessions: Shared['sessions']): PipelineParts['sessions'] {
  return {
    peek: (token, nowMs) => sessions.peek(token, nowMs),
    resolve: (token) => sessions.resolve(token),
    holds: (live, nowMs) => sessions.holds(live, nowMs),
    review: (live) => sessions.review(live),
    stale: (token, maxMs) => sessions.stale(token, maxMs),
    holdsStale: (live, maxMs) => sessions.holdsStale(live, maxMs),
    confirmEnd: () => Promise.resolve('ended'),
    isTouchDue: () => false,
    touch: () => {},
    issueToken: () => '',
  };
}

/** What would be done by an endpoint is not done. */
function withoutDeeds(target: RouteTarget): RouteTarget {
  if (target.kind !== 'endpoint') return target;
  const reply: Reply = { status: 200, fields: [], body: '' };
  return { ...target, endpoint: { bodyBytesMax: 0, answer: () => reply } };
}
