import type { ConsolePort } from '../admin/console-port.ts';
import type { UpstreamsReport } from '../admin/upstreams-report.ts';
import type { AdminConfig } from '../config/admin.ts';
import { Console } from '../console/console.ts';
import { loginPath } from '../console/console-request.ts';
import { impersonationOf } from '../console/impersonation.ts';
import { NodeBoard } from '../console/node-board.ts';
import { NodeWatch } from '../console/node-watch.ts';
import type { WorkerFacts } from '../console/worker-facts.ts';
import { Answers } from '../http/answers.ts';
import { SessionCookie } from '../http/set-cookie.ts';
import { systemClock } from '../lib/clock.ts';
import type { Service } from '../lifecycle/service.ts';
import { errorFields } from '../observability/error-fields.ts';
import { ConsolePages } from '../pages/console-pages.ts';
import { Pages } from '../pages/pages.ts';
import { sessionHandleOf } from '../session/session.ts';
import { explainAnywhere } from './explaining.ts';
import type { BoundListener } from './listener.ts';
import type { Shared } from './shared.ts';

/** Sessions whose streams are told apart. */
const streamSessionsMax = 1_000;

/** What a worker has of the console: itself, what it says of itself, and the notes of others. */
export interface WorkerConsole {
  readonly facts: () => WorkerFacts;
  /** Null: there is no operators' port. */
  readonly desk: Console | null;
  readonly services: readonly Service[];
}

export function createConsole(shared: Shared, listeners: readonly BoundListener[]): WorkerConsole {
  const { parts, store } = shared;
  const facts = (): WorkerFacts => factsOf(shared, listeners);
  const board = store.board === undefined ? null : new NodeBoard(store.board, facts);
  const { admin } = parts.config;
  const services: Service[] =
    board === null
      ? []
      : [{ name: 'node board', start: () => board.start(), stop: () => board.stop() }];
  return { facts, desk: admin && consoleFor(admin, shared, board), services };
}

/** Its login, its cookie and its pages are its own; who may log in, and how often, is what it is at the edge. */
function consoleFor(admin: AdminConfig, shared: Shared, board: NodeBoard | null): Console {
  const { consoleCookie: cookie, endpointParts, sessions } = shared;
  const { config } = shared.parts;
  const login = { ...config.login, home: '/console', allowedOrigins: [], returnHosts: [] };
  const pages = new Pages(config.pages, login);
  return new Console({
    endpoints: {
      ...endpointParts,
      answers: new Answers('modern', cookie, pages),
      pages,
      cookie,
      config: { ...config, login: { ...login, url: loginPath } },
    },
    sessions,
    pages: new ConsolePages(config.pages),
    impersonation: impersonationOf(admin, config.listeners, config.answers),
    board,
    clock: systemClock,
    explain: (requestId) => explainAnywhere(shared, { deed: 'explainRecent', requestId }),
  });
}

/** In the clear it is not the edge's either: browsers tell ports of a host apart for pages, not for cookies. */
export function createConsoleCookie(): SessionCookie {
  const settings = { name: null, path: '/', sameSite: 'Strict', maxAgeMs: 0 } as const;
  return new SessionCookie(settings, '-console');
}

/** The console of a process that is alone, with the watch over that process. */
export function consoleHere(
  { desk, facts }: WorkerConsole,
  upstreams: () => UpstreamsReport,
  { log }: Shared['parts'],
): { readonly port: ConsolePort | null; readonly service: Service } {
  const watch = new NodeWatch({
    facts: () => Promise.resolve([facts()]),
    upstreams,
    clock: systemClock,
  });
  const failed = (error: unknown): void => log.error('console.failed', errorFields(error));
  const port: ConsolePort | null = desk && {
    answer: async (question) => {
      try {
        return await desk.answer(question, watch.view);
      } catch (error) {
        failed(error);
        return consoleFailed;
      }
    },
    look: async (question, seen) => {
      try {
        return await desk.look(question, seen, watch.view);
      } catch (error) {
        failed(error);
        return { kind: 'unavailable' };
      }
    },
  };
  const service = {
    name: 'console',
    start: () => watch.start(),
    stop: () => watch.stop(),
  };
  return { port, service };
}

/** A defect, or no worker is there. */
export const consoleFailed = Object.freeze({
  status: 503,
  fields: [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
    ['Retry-After', '1'],
    ['Refresh', '3'],
  ] as const,
  body: '{"error":"unavailable"}',
});

function factsOf(shared: Shared, listeners: readonly BoundListener[]): WorkerFacts {
  const { parts, sessions, store, streams } = shared;
  const { follower } = store;
  const tallies = listeners.flatMap(({ routeCounters }) =>
    routeCounters.flatMap((counters) => counters.requests()),
  );
  const nowMs = systemClock.monotonic();
  return {
    node: shared.endpointParts.node,
    worker: parts.seat?.place ?? 1,
    pid: process.pid,
    member: store.member ?? '',
    state: follower?.state ?? 'alone',
    leaseMs: follower === null ? null : Math.max(0, Math.round(-follower.lease.overForMs(nowMs))),
    members: follower?.memberCount ?? 0,
    requests: sumOf(tallies.map(({ count }) => count)),
    errors: sumOf(tallies.map(({ code, count }) => (code === '5xx' ? count : 0))),
    settled: follower?.counters.settled ?? 0,
    settledMs: follower?.counters.settledMs ?? 0,
    cachedSessions: sessions.cached.size,
    streams: streams.active,
    streamsOf: Object.fromEntries(
      [...streams.bySession(streamSessionsMax)].map(([key, count]) => [
        sessionHandleOf(key),
        count,
      ]),
    ),
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, one) => sum + one, 0);
}
