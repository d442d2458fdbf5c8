import type { LoadProtocol } from '../load/load-job.ts';

/** How clients come, and what for. */
export interface Scenario {
  readonly name: string;
  /** For people, in one line. */
  readonly title: string;
  readonly connections: number;
  readonly path: string;
  readonly protocol: LoadProtocol;
  /** Clients come over TLS. */
  readonly isSecure: boolean;
  /** With a body of so many octets the requests are POST. */
  readonly bodyBytes?: number;
  /** Tokens that look like real ones and are not. */
  readonly isForged?: boolean;
  /** Workers of each contender. With more than one nobody is pinned. */
  readonly workers: 1 | 2;
  /** No session that a request brings is in the memory of the one who is asked. */
  readonly isCold?: boolean;
  /** At a rate of which half the contenders' full load is the measure. */
  readonly isAtHalfLoad?: boolean;
  /** Who is measured, unless the command line names others. */
  readonly contenders: readonly string[];
  /** Who can be measured at all; left out: everybody. */
  readonly possible?: readonly string[];
}

/** Everybody, in the order of the table. */
export const everybody = [
  'portcullis',
  'portcullis-redis',
  'portcullis-access-log',
  'validate',
  'nginx-plain',
  'nginx-auth-request',
  'nginx-auth-cache',
  'nginx-njs',
  'haproxy-map',
  'caddy-forward-auth',
  'node-undici',
  'node-undici-dispatch',
  'http-proxy-3',
  'fastify-http-proxy',
  'relay',
] as const;

export const headline = 'small-get';

const compared = ['portcullis', 'nginx-plain', 'nginx-auth-request', 'haproxy-map', 'relay'];
const withBodies = [...compared, 'node-undici'];
const nginxes = ['nginx-plain', 'nginx-auth-request', 'nginx-auth-cache', 'nginx-njs'];
/** Those who speak TLS here. */
const secure = ['portcullis', 'portcullis-redis', ...nginxes, 'haproxy-map', 'caddy-forward-auth'];
const refusing = everybody.filter((name) => name !== 'nginx-plain' && name !== 'relay');

type Common = Pick<Scenario, 'connections' | 'path' | 'protocol' | 'isSecure' | 'workers'>;

const get: Common = {
  connections: 64,
  path: '/api/hello',
  protocol: 'http1',
  isSecure: false,
  workers: 1,
};

/** Everything that `npm run bench` knows but the sessions and the measurements of other commands. */
export const scenarios: readonly Scenario[] = [
  {
    ...get,
    name: headline,
    title: 'a small GET with a session, 64 connections',
    contenders: everybody,
  },
  {
    ...get,
    name: 'small-get-1',
    title: 'a small GET with a session, 1 connection',
    connections: 1,
    contenders: compared,
  },
  {
    ...get,
    name: 'small-get-512',
    title: 'a small GET with a session, 512 connections',
    connections: 512,
    contenders: compared,
  },
  {
    ...get,
    name: 'half-load',
    title: 'latency at half of the full load, from when each request was due',
    protocol: 'paced',
    isAtHalfLoad: true,
    contenders: compared,
  },
  {
    ...get,
    name: 'post-4k',
    title: 'POST with a body of 4 KiB',
    bodyBytes: 4096,
    contenders: withBodies,
  },
  {
    ...get,
    name: 'post-64k',
    title: 'POST with a body of 64 KiB',
    bodyBytes: 65_536,
    contenders: withBodies,
  },
  {
    ...get,
    name: 'post-1m',
    title: 'POST with a body of 1 MiB',
    bodyBytes: 1_048_576,
    contenders: withBodies,
  },
  {
    ...get,
    name: 'get-64k',
    title: 'answers of 64 KiB',
    path: '/api/64k',
    contenders: withBodies,
  },
  {
    ...get,
    name: 'get-1m',
    title: 'answers of 1 MiB',
    path: '/api/mebibyte',
    contenders: withBodies,
  },
  {
    ...get,
    name: 'tls',
    title: 'a small GET over TLS, the same certificate and ciphers everywhere',
    isSecure: true,
    contenders: ['portcullis', ...nginxes, 'haproxy-map'],
    possible: secure,
  },
  {
    ...get,
    name: 'http2',
    title: 'a small GET on HTTP/2, 64 at once, 8 on each connection',
    isSecure: true,
    protocol: 'http2',
    contenders: ['portcullis', 'nginx-plain', 'nginx-auth-request', 'haproxy-map'],
    possible: secure,
  },
  {
    ...get,
    name: 'websocket',
    title: '64 WebSockets, messages of 128 octets that come back',
    path: '/api/echo',
    protocol: 'websocket',
    contenders: ['portcullis', 'nginx-plain', 'haproxy-map', 'http-proxy-3', 'relay'],
    possible: [
      ...['portcullis', 'portcullis-redis', 'portcullis-access-log', 'nginx-plain'],
      ...['haproxy-map', 'caddy-forward-auth', 'http-proxy-3', 'relay'],
    ],
  },
  {
    ...get,
    name: 'new-connections',
    title: 'a small GET on a connection of its own',
    protocol: 'new-connections',
    contenders: compared,
  },
  {
    ...get,
    name: 'flood-401',
    title: 'a flood of forged tokens, all refused',
    isForged: true,
    contenders: ['portcullis', 'portcullis-accepted', 'nginx-auth-request', 'haproxy-map'],
    possible: ['portcullis-accepted', ...refusing],
  },
  {
    ...get,
    name: 'mixed',
    title: 'a login, 98 reads, a logout, a refusal',
    protocol: 'mixed',
    contenders: ['portcullis', 'portcullis-redis', 'nginx-auth-request'],
    possible: [
      ...['portcullis', 'portcullis-redis', 'portcullis-access-log', 'nginx-auth-request'],
    ],
  },
  {
    ...get,
    name: 'cold-cache',
    title: 'every request with a session that only Redis knows',
    isCold: true,
    contenders: ['portcullis-redis', 'nginx-auth-request'],
    possible: ['portcullis-redis', 'validate', 'nginx-auth-request'],
  },
  {
    ...get,
    name: 'two-cores',
    title: 'a small GET, two workers each, nobody pinned; CPU time only',
    workers: 2,
    contenders: ['portcullis', 'nginx-plain', 'nginx-auth-request', 'nginx-auth-cache'],
    possible: [
      ...['portcullis', 'portcullis-redis', ...nginxes, 'haproxy-map', 'caddy-forward-auth'],
    ],
  },
];
