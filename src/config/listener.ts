import * as z from 'zod';
import { listenAddress, networkRange } from './address.ts';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { flag, listOf, optionBlock, wholeNumber } from './kinds.ts';
import type { RouteConfig } from './route.ts';
import { routeOptions } from './route.ts';
import type { SidecarConfig } from './sidecar.ts';
import { sidecarsOption } from './sidecar.ts';
import type { StreamsConfig } from './streams.ts';
import { streamsOptions } from './streams.ts';
import type { TlsConfig } from './tls.ts';
import { tlsOptions } from './tls.ts';

/** A bound address with its limits, its timeouts and its routes. */
export interface ListenerConfig {
  readonly name: string;
  /** An IP address or `localhost`; `::` for all addresses. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Clients come over TLS, ours or that of a terminator of our own in front. */
  readonly isSecure: boolean;
  /** Null: clear text. */
  readonly tls: TlsConfig | null;
  /** `GET http://host/path` is read instead of refused. */
  readonly acceptAbsoluteForm: boolean;
  /** Odd field names and `//` in the path are 400 instead of dropped and merged. */
  readonly isStrict: boolean;
  /** CIDRs of those who may ask a `validate` endpoint or a sidecar. */
  readonly trustedPeers: readonly string[];
  /** In the order of the file; each with a path of its own. */
  readonly sidecars: readonly SidecarConfig[];
  /** CIDRs of the proxies in front: what they say of the client is believed. */
  readonly trustedProxies: readonly string[];
  /** Upstreams get `Forwarded` (RFC 7239) beside X-Forwarded-*. */
  readonly isForwardedSent: boolean;
  readonly limits: ListenerLimits;
  readonly timeouts: ListenerTimeouts;
  readonly streams: StreamsConfig;
  /** In the order of the file. */
  readonly routes: readonly RouteConfig[];
}

export interface ListenerLimits {
  readonly headBytesMax: number;
  readonly fieldsMax: number;
  readonly targetBytesMax: number;
  /** 0: unlimited. */
  readonly bodyBytesMax: number;
  /** On average over the credit of `bodyIdleMs`; 0: any. */
  readonly bodyBytesPerSecondMin: number;
  /** 0: from the limit of file descriptors. */
  readonly connectionsMax: number;
  /** 0: no cap. */
  readonly connectionsPerAddressMax: number;
  /** 0: unlimited. */
  readonly requestsPerConnectionMax: number;
}

export interface ListenerTimeouts {
  /** From the first byte of a head to its last. */
  readonly headMs: number;
  /** Between two pieces of a request body. */
  readonly bodyIdleMs: number;
  /** Between two requests on a connection. */
  readonly keepAliveMs: number;
  /** While a client takes nothing of its answer. */
  readonly sendMs: number;
  /** How long a refused client may go on sending so that it gets to read the refusal. */
  readonly lingerMs: number;
}

const limitsOptions = optionBlock({
  headBytesMax: byteSize({ min: 1_024, max: 262_144 })
    .prefault('16KiB')
    .describe(
      'The largest head of a request, 1KiB to 256KiB; a larger one is answered 431. Default ' +
        '16KiB: room for the cookies of a busy site. Every connection can make us hold that ' +
        'much.',
    ),
  fieldsMax: wholeNumber({ min: 8, max: 1_000 })
    .default(100)
    .describe('The most fields of a request, 8 to 1000; more are answered 431. Default 100.'),
  targetBytesMax: byteSize({ min: 256, max: 262_144 })
    .prefault('8KiB')
    .describe(
      'The longest path with its query, 256 bytes to 256KiB, not above headBytesMax; a longer ' +
        'one is answered 414. Default 8KiB: what browsers and servers agree on.',
    ),
  bodyBytesMax: byteSize({ min: 1, max: 1_099_511_627_776, isUnlimitedAllowed: true })
    .prefault('unlimited')
    .describe(
      'The largest body of a request, up to 1024GiB; a larger one is answered 413. Default ' +
        '`unlimited`: bodies are streamed and cost no memory here; the application has its own ' +
        'opinion.',
    ),
  bodyBytesPerSecondMin: wholeNumber({ min: 1, max: 1_000_000, zero: 'any rate' })
    .default(100)
    .describe(
      'The slowest that the body of a request may come, in bytes per second, 1 to 1000000, or 0 ' +
        'for any rate; slower ones run out of bodyIdle, then 408. Default 100: with one byte just ' +
        'before each time-out anybody could hold connections to the application for ever. ' +
        'Requests that stream little for long need 0.',
    ),
  connectionsMax: wholeNumber({
    min: 1,
    max: 1_000_000,
    zero: 'what the limit of file descriptors allows',
  })
    .default(0)
    .describe(
      'The most connections at once, 1 to 1000000; more are closed at once. Counted in each ' +
        'worker. Default 0: what the limit of file descriptors allows.',
    ),
  connectionsPerAddressMax: wholeNumber({ min: 1, max: 1_000_000, zero: 'no cap' })
    .default(1_000)
    .describe(
      'The most connections from one client address (of IPv6 the first 64 bits), 1 to 1000000, or 0 for no cap. Default ' +
        '1000: many people behind one address fit, and one attacker alone cannot take all ' +
        'connections. Counted in each worker. Behind a balancer all clients are one address.',
    ),
  requestsPerConnectionMax: wholeNumber({ min: 1, max: 1_000_000_000, zero: 'any number' })
    .default(0)
    .describe(
      'After so many requests a connection is closed, 1 to 1000000000. Default 0: any number.',
    ),
}).describe('What one client may take.');

const timeoutsOptions = optionBlock({
  head: duration({ min: '100ms', max: '10m' })
    .prefault('10s')
    .describe(
      'From the first byte of the head of a request to its last, 100ms to 10m; then 408. ' +
        'Default 10s: slow heads are how connections are used up on purpose.',
    ),
  bodyIdle: duration({ min: '100ms', max: '1h' })
    .prefault('15s')
    .describe('How long the body of a request may pause, 100ms to 1h; then 408. Default 15s.'),
  keepAlive: duration({ min: '1ms', max: '1h' })
    .prefault('65s')
    .describe(
      'How long a connection waits for its next request, 1ms to 1h. Default 65s: longer than ' +
        'the 60s of common balancers, which then never send into a connection that is just ' +
        'being closed.',
    ),
  send: duration({ min: '100ms', max: '1h' })
    .prefault('60s')
    .describe(
      'How long a client may take nothing of its answer, or less than 64 KiB where more waits, ' +
        '100ms to 1h; then the connection is cut. Default 60s.',
    ),
  linger: duration({ min: '1ms', max: '1m', zero: 'closing at once' })
    .prefault('5s')
    .describe(
      'How long a client that was refused may go on sending, 1ms to 1m, so that it gets to read ' +
        'why; 0 closes at once. Default 5s.',
    ),
}).describe('How long a client may take.');

const shared = {
  address: listenAddress().describe(
    'Where it is bound: `127.0.0.1:8081`, `[::1]:8081`, or `:8081` for all addresses. No default.',
  ),
  secure: flag()
    .default(false)
    .describe(
      'Says that a TLS terminator of our own stands in front: cookies are Secure and upstreams ' +
        'are told https. Default false. True where clients come in the clear sends their ' +
        'cookies nowhere: they cannot log in. Not needed beside tls.',
    ),
  tls: tlsOptions.optional(),
  acceptAbsoluteForm: flag()
    .default(false)
    .describe(
      'Whether `GET http://host/path` is read; only if it names the same host as the Host ' +
        'field. Default false: clients send that to forward proxies only.',
    ),
  strict: flag()
    .default(false)
    .describe(
      'Answers 400 to field names with odd characters and to `//` in paths. Default false: such ' +
        'fields are removed and such slashes merged.',
    ),
  trustedPeers: listOf(networkRange(), 'address ranges')
    .default([])
    .describe(
      'The addresses of the proxies that may ask a `validate` endpoint or `sidecars`, as ranges such as ' +
        '`127.0.0.1/32`. The cap per address does not count their connections. Default: nobody. ' +
        'Whoever is in it can describe any request and learn whose cookie is whose.',
    ),
  sidecars: sidecarsOption,
  trustedProxies: listOf(networkRange(), 'address ranges')
    .default([])
    .describe(
      'The addresses of the proxies in front of this listener, as ranges such as `10.0.0.0/8`. ' +
        'What they say in X-Forwarded-For, -Proto and -Host (or in Forwarded, where no ' +
        'X-Forwarded-For comes) is believed: the client is the last address that is not in this ' +
        'list. The cap per address does not count their connections. Default: nobody, and the ' +
        'fields are removed. A proxy in it has to set or remove all of these fields: what it lets ' +
        'through from its clients is believed as well.',
    ),
  sendForwarded: flag()
    .default(false)
    .describe(
      'Whether upstreams also get `Forwarded` (RFC 7239), written anew. Default false: ' +
        'X-Forwarded-* says the same, and applications that read both may disagree.',
    ),
  limits: limitsOptions.prefault({}),
  timeouts: timeoutsOptions.prefault({}),
  streams: streamsOptions.prefault({}),
};

const routesExpected =
  'a list of routes, each with a path and an upstream, an endpoint or a fixed answer';

/**
 * The routes are read one by one, so that a wrong one does not hide the others; nor does a missing
 * address, which has to be asked for.
 */
export const listenerFields = optionBlock({
  ...shared,
  routes: z.array(z.unknown(), { error: routesExpected }).min(1, { error: routesExpected }),
}).partial({ address: true, routes: true });

export const listenerOptions = optionBlock({
  ...shared,
  routes: z
    .array(routeOptions, { error: routesExpected })
    .min(1, { error: routesExpected })
    .describe(
      'What is answered. Of the routes that match a request the most specific takes it: a named ' +
        'host before a pattern before any; then an exact path, then the longest prefix; then ' +
        'named methods; then the order here. None: 404.',
    ),
}).describe('An address where clients are listened to, and what they get there.');
