import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import type { ListenerConfig } from '../config/listener.ts';
import { createEndpoints } from '../endpoints/endpoints.ts';
import type { EndpointParts } from '../endpoints/endpoint-parts.ts';
import type { Endpoint } from '../gateway/endpoint.ts';
import { LiveStreams } from '../gateway/live-streams.ts';
import { createRecentRequests, type RecentRequests } from '../gateway/recent-requests.ts';
import { ResponseCounters } from '../gateway/respond.ts';
import { Answers } from '../http/answers.ts';
import { FieldNames } from '../http/field-names.ts';
import { SessionCookie } from '../http/set-cookie.ts';
import type { Principal } from '../identity/principal.ts';
import { encodeUserInfo } from '../identity/user-info.ts';
import { systemClock } from '../lib/clock.ts';
import { connectionSharesOf } from '../lifecycle/descriptor-limit.ts';
import type { Lifecycle } from '../lifecycle/phase.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import { createAuditLog, type AuditLog } from '../observability/audit-log.ts';
import { CountedAuditLog } from '../observability/counted-audit-log.ts';
import { createAccessLog, type AccessLog } from '../observability/access-log.ts';
import { errorFields } from '../observability/error-fields.ts';
import { FileLineSink, type LineSink } from '../observability/line-sink.ts';
import { LoginCounters } from '../observability/login-counters.ts';
import type { Log } from '../observability/log.ts';
import { Pages } from '../pages/pages.ts';
import { HashPool } from '../passwords/hash-pool.ts';
import { Zones } from '../keyval/zones.ts';
import { Sessions, type SessionsParts } from '../session/sessions.ts';
import { loneCoherence } from '../session/lone-coherence.ts';
import { FormStates } from '../tokens/form-states.ts';
import { KeyRing } from '../tokens/key-ring.ts';
import { stickyKeys } from '../tokens/sticky-keys.ts';
import { SessionTokens } from '../tokens/session-token.ts';
import { createDirectory } from '../users/create-directory.ts';
import { BearerCache } from '../users/bearer-cache.ts';
import { DirectoryChain } from '../users/directory-chain.ts';
import { PrincipalRefresh } from '../users/principal-refresh.ts';
import { TokenDirectory } from '../users/token-directory.ts';
import { DateField } from '../wire/date-field.ts';
import { Deadlines } from '../wire/deadlines.ts';
import type { ConnectionBudget } from '../wire/http1-listener.ts';
import { UpgradeCarrier } from '../wire/upgrade-carrier.ts';
import { UpstreamBudget } from '../wire/upstream-budget.ts';
import { createConsoleCookie } from './console.ts';
import { createCounts, type Counts } from './counts.ts';
import { createSessionStore } from './session-store.ts';
import type { StoreService } from './session-store.ts';
import { Upstream } from './upstream.ts';
import { replicaOf } from './replica-of.ts';
import { TokenCaches } from './token-caches.ts';
import type { WorkerSeat } from './worker-seat.ts';

/** What a process needs from outside to become a gateway. */
export interface WorkerParts {
  readonly config: Config;
  readonly log: Log;
  /** Where the log goes; it counts what nobody took. */
  readonly logSink: LineSink;
  readonly lifecycle: Lifecycle;
  readonly version: string;
  /** Descriptors that the process may hold; null where the system does not say. */
  readonly descriptorLimit: number | null;
  /** What a primary gave this process; null: there is none. */
  readonly seat: WorkerSeat | null;
}

/** Everything that all listeners of a process share. */
export interface Shared extends Counts {
  readonly parts: WorkerParts;
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly date: DateField;
  readonly budget: ConnectionBudget;
  readonly answers: Answers;
  readonly cookie: SessionCookie;
  readonly consoleCookie: SessionCookie;
  readonly sessions: Sessions;
  readonly streams: LiveStreams;
  readonly zones: Zones;
  readonly tokenCaches: TokenCaches;
  readonly store: StoreService;
  readonly pool: HashPool;
  readonly logins: LoginCounters;
  readonly directories: DirectoryChain;
  readonly audit: CountedAuditLog;
  readonly refresh: PrincipalRefresh;
  readonly bearers: BearerCache;
  readonly endpointParts: EndpointParts;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  readonly upstreams: ReadonlyMap<string, Upstream>;
  readonly accessLog: AccessLog;
  readonly responses: ResponseCounters;
  /** Null: nothing is remembered. */
  readonly recent: RecentRequests | null;
}

/** Builds what is shared; opens nothing but the access log. */
export function createShared(parts: WorkerParts): Shared {
  const { config, log } = parts;
  const pool = new HashPool(config.passwords, (error) =>
    log.error('passwords.worker', errorFields(error)),
  );
  const store = createSessionStore(parts);
  const sessions = createSessions(parts, store, {
    onRevoked: (keys) => streams.revoked(keys),
    onAllRevoked: () => streams.everybodyRevoked(),
  });
  const zones = createZones(parts, store, sessions);
  const tokenCaches = new TokenCaches(parts, zones);
  const streams = new LiveStreams(sessions, systemClock, config.coherence.streamGraceMs);
  const consoleCookie = createConsoleCookie();
  const cookie = new SessionCookie(config.cookie, '', consoleCookie.names);
  const pages = new Pages(config.pages, config.login);
  const answers = new Answers(config.answers, cookie, pages);
  const logins = new LoginCounters(config.login.directories);
  const names = new FieldNames([
    config.identity.field,
    ...config.tokenCaches.map(({ field }) => field),
    ...config.listeners.flatMap(clientFieldsOf),
  ]);
  const deadlines = new Deadlines(systemClock);
  const directories = createDirectories(parts, pool);
  const counts = createCounts(parts, store.counts ?? null);
  const audit = new CountedAuditLog(createAuditLog(config.audit, parts.logSink, systemClock));
  const shares = connectionSharesOf(parts.descriptorLimit, connectionsMaxOf(config.upstreams));
  const endpointParts: EndpointParts = {
    ...{ answers, pages, cookie, sessions, directories, audit, log, logins, config },
    forms: new FormStates(config.tokens, systemClock),
    throttle: counts.throttle,
    node: config.coherence.node ?? hostname(),
    publicKeys: tokenCaches.publicKeys,
  };
  return {
    parts,
    names,
    deadlines,
    date: new DateField(systemClock),
    budget: { connectionsMax: shares.clients, active: 0 },
    answers,
    cookie,
    consoleCookie,
    sessions,
    streams,
    zones,
    tokenCaches,
    store,
    pool,
    logins,
    directories,
    ...counts,
    audit,
    refresh: createRefresh(parts, sessions, directories, audit),
    bearers: createBearers(parts, directories),
    endpointParts,
    endpoints: createEndpoints(endpointParts),
    upstreams: createUpstreams(parts, shares.upstreams, { names, deadlines }),
    accessLog: createAccessLog(
      config.accessLog,
      (target) => new FileLineSink(target, parts.seat !== null),
    ),
    responses: new ResponseCounters(),
    recent: createRecentRequests(config.explain),
  };
}

/** Managed on every listener: what one of them says of a certificate, a client of another must not say. */
function clientFieldsOf({ tls }: ListenerConfig): readonly string[] {
  const { subjectField, fingerprintField, namesField } = tls?.clientCertificates ?? {};
  return [subjectField, fingerprintField, namesField].filter(
    (name) => name !== undefined && name !== null,
  );
}

function createSessions(
  { config, log }: WorkerParts,
  { follower, store }: StoreService,
  hears: Pick<SessionsParts, 'onRevoked' | 'onAllRevoked'>,
): Sessions {
  const ring = new KeyRing(config.tokens);
  if (ring.isEphemeral) {
    log.warn('tokens.ephemeral', {
      detail: 'no token keys are configured: a random one is used, sessions end with this process',
    });
  }
  const sessions = new Sessions({
    config: config.sessions,
    store,
    ...(follower !== null && { coherence: follower }),
    tokens: new SessionTokens(ring),
    clock: systemClock,
    // Who cannot be written down cannot log in, so there is always something to write.
    describe: ({ actor, principal }) => identityFields(config.identity, principal, actor) ?? '',
    onStoreError: (error) => log.error('store.failed', errorFields(error)),
    ...hears,
  });
  return sessions;
}

/** They follow the log together with the sessions. */
function createZones(
  { config }: WorkerParts,
  { follower, zones: store }: StoreService,
  sessions: Sessions,
): Zones {
  const zones = new Zones({
    zones: config.zones,
    store,
    coherence: follower ?? loneCoherence(systemClock),
    clock: systemClock,
  });
  follower?.lead(replicaOf(sessions, zones), (keys) => sessions.remind(keys));
  return zones;
}

/** Null for a principal that cannot be written down. */
function identityFields(
  { bytesMax, field, format }: Config['identity'],
  principal: Principal,
  actor: Parameters<typeof encodeUserInfo>[1],
): string | null {
  const info = encodeUserInfo(principal, actor, format, bytesMax);
  return info.kind === 'encoded' ? `${field}: ${info.value}\r\n` : null;
}

function createBearers({ config }: WorkerParts, directories: DirectoryChain): BearerCache {
  const sizes = config.directories.map((one) => (one.type === 'token' ? one.bearer.entriesMax : 0));
  return new BearerCache({
    directories,
    entriesMax: Math.max(0, ...sizes),
    describe: (principal) => identityFields(config.identity, principal, null),
  });
}

function createRefresh(
  { config, log }: WorkerParts,
  sessions: Sessions,
  directories: DirectoryChain,
  audit: AuditLog,
): PrincipalRefresh {
  return new PrincipalRefresh({
    intervalMs: config.sessions.refreshIntervalMs,
    clock: systemClock,
    sessions,
    standing: (directory, subject) => directories.standing(directory, subject),
    onLost: ({ directory, subject }, reason, revoked) => {
      log.info('standing.lost', { directory, subject, reason, revoked });
      const target = { directory, subject };
      const record = { actor: null, target, address: null, requestId: null, reason, revoked };
      audit.note({ event: 'standing.lost', ...record });
    },
    onFault: (error) => log.error('standing.failed', errorFields(error)),
  });
}

function createDirectories({ config, log }: WorkerParts, pool: HashPool): DirectoryChain {
  const byName = new Map(config.directories.map((directory) => [directory.name, directory]));
  const asked = config.login.directories.flatMap((name) => byName.get(name) ?? []);
  const directoryParts = { keys: pool, clock: systemClock, log };
  return new DirectoryChain(
    asked.flatMap((one) => (one.type === 'token' ? [] : [createDirectory(one, directoryParts)])),
    (directory, error) => log.error('directory.failed', { directory, ...errorFields(error) }),
    asked.flatMap((one) => (one.type === 'token' ? [new TokenDirectory(one, log)] : [])),
  );
}

function connectionsMaxOf(upstreams: readonly UpstreamConfig[]): number {
  return upstreams
    .map(({ connectionsMax, servers }) => connectionsMax * servers.length)
    .reduce((sum, one) => sum + one, 0);
}

/** `descriptors`: how many of them upstreams may use together. */
function createUpstreams(
  { config, log }: WorkerParts,
  descriptors: number,
  given: { readonly names: FieldNames; readonly deadlines: Deadlines },
): ReadonlyMap<string, Upstream> {
  const parts = {
    ...given,
    budget: new UpstreamBudget(descriptors),
    carrier: new UpgradeCarrier(),
    log,
    stickyKeys: stickyKeys(config.tokens),
    descriptors,
  };
  return new Map(config.upstreams.map((one) => [one.name, new Upstream(one, parts)]));
}
