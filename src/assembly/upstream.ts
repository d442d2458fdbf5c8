import { serverName } from '../config/server.ts';
import type { HealthConfig } from '../config/health.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import { ServerChoice } from '../gateway/server-choice.ts';
import type { ForwardServer, UpstreamTarget } from '../gateway/upstream-target.ts';
import type { FieldNames } from '../http/field-names.ts';
import { RandomWords } from '../lib/random-words.ts';
import { systemClock } from '../lib/clock.ts';
import { errorFields } from '../observability/error-fields.ts';
import type { Log } from '../observability/log.ts';
import type { UpstreamTally } from '../observability/upstream-figures.ts';
import { createPolicy } from '../upstream/create-policy.ts';
import { UpstreamGroup } from '../upstream/group.ts';
import { HealthCheck, type HealthProbe } from '../upstream/health-check.ts';
import type { ProbeTarget } from '../upstream/http-probe.ts';
import { Membership, type MembershipOwner } from '../upstream/membership.ts';
import { createLookup } from '../upstream/name-lookup.ts';
import { UpstreamServer, type ServerState } from '../upstream/server.ts';
import { StickyServers } from '../upstream/sticky-servers.ts';
import { UpstreamCounters } from '../wire/counters.ts';
import type { Deadlines } from '../wire/deadlines.ts';
import type { Carrier } from '../wire/upgrade-carrier.ts';
import type { UpstreamBudget } from '../wire/upstream-budget.ts';
import { UpstreamPool } from '../wire/upstream-pool.ts';
import { UpstreamTls } from '../wire/upstream-tls.ts';
import { UpstreamTallies } from './upstream-tallies.ts';

/** How servers are asked after their health. */
export type ProbeMaker = (health: HealthConfig, target: ProbeTarget) => HealthProbe;

/** What the servers of all upstreams share. */
export interface UpstreamParts {
  readonly names: FieldNames;
  readonly deadlines: Deadlines;
  readonly budget: UpstreamBudget;
  readonly carrier: Carrier;
  /** Null where no upstream is asked. */
  readonly probe: ProbeMaker | null;
  readonly log: Log;
  /** What cookies of browsers that are kept at a server are signed with; the first one makes them. */
  readonly stickyKeys: readonly Uint8Array[];
  /** What the process has left for connections to each server. */
  readonly descriptors: number;
}

/** One upstream of the configuration at work: its group, who belongs to it, and how they are. */
export class Upstream implements MembershipOwner<UpstreamPool> {
  readonly target: UpstreamTarget;
  readonly #tallies: UpstreamTallies;
  readonly #config: UpstreamConfig;
  readonly #parts: UpstreamParts;
  readonly #tls: UpstreamTls | null;
  readonly #membership: Membership<UpstreamPool>;
  readonly #words = new RandomWords();
  readonly #checks = new Map<ForwardServer, HealthCheck>();
  #isStarted = false;

  constructor(config: UpstreamConfig, parts: UpstreamParts) {
    this.#config = config;
    this.#parts = parts;
    this.#tls = config.servers.some((server) => server.isSecure)
      ? new UpstreamTls(config.tls)
      : null;
    const words = (): number => this.#words.next();
    const sticky =
      config.stickyCookie === null
        ? null
        : new StickyServers<UpstreamPool>(config.stickyCookie, config.name, parts.stickyKeys);
    const group = new UpstreamGroup(config, createPolicy(config.balance, words), sticky);
    this.target = { group, choice: new ServerChoice(group, words), carrier: parts.carrier };
    this.#tallies = new UpstreamTallies(config);
    this.#membership = new Membership(config, group, createLookup(config.names), this);
  }

  async start(): Promise<void> {
    await this.#membership.start();
    this.#isStarted = true;
    for (const server of this.target.group.servers) this.#check(server);
  }

  stop(): void {
    this.#membership.stop();
    for (const check of this.#checks.values()) check.stop();
    for (const { pool } of this.target.group.servers) pool.stop();
  }

  tallies(): readonly UpstreamTally[] {
    return this.#tallies.read(this.target.group.servers);
  }

  // ── Membership ─────────────────────────────────────────────────────────────────────────────────────────────────────

  create(parts: Parameters<MembershipOwner<UpstreamPool>['create']>[0]): ForwardServer {
    const { address, config } = parts;
    const { budget, deadlines, descriptors, names } = this.#parts;
    const pool = new UpstreamPool({
      address: {
        host: address.host,
        port: address.port,
        socketPath: config.socketPath,
        name: config.host,
        tls: config.isSecure ? this.#tls : null,
      },
      config: this.#config,
      connectionsMax: Math.min(this.#config.connectionsMax, descriptors),
      names,
      deadlines,
      counters: new UpstreamCounters(this.#config.name, serverName(config)),
      budget,
    });
    return new UpstreamServer({
      ...parts,
      pool,
      upstream: this.#config,
      changed: (state, reason) => this.#changed(parts, state, reason),
    });
  }

  joined(server: ForwardServer): void {
    if (!this.#isStarted) return;
    server.arrived(systemClock.monotonic());
    this.#check(server);
  }

  left(server: ForwardServer): void {
    this.#checks.get(server)?.stop();
    this.#checks.delete(server);
    server.pool.stop();
    this.#tallies.left(server);
  }

  resolved(name: string, addresses: readonly string[]): void {
    this.#parts.log.info('upstream.resolved', {
      upstream: this.#config.name,
      name,
      addresses: addresses.join(' '),
    });
  }

  unresolved(name: string, error: unknown): void {
    const { name: upstream } = this.#config;
    const detail = 'the last addresses stay';
    this.#parts.log.warn('upstream.unresolved', { upstream, name, detail, ...errorFields(error) });
  }

  resolvedAgain(name: string): void {
    this.#parts.log.info('upstream.resolvedAgain', { upstream: this.#config.name, name });
  }

  // ── State ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #changed(
    { address, config }: Pick<ForwardServer, 'address' | 'config'>,
    state: ServerState,
    reason: string,
  ): void {
    const fields = {
      upstream: this.#config.name,
      server: serverName(config),
      address: address.name,
      state,
      reason,
    };
    if (state === 'up' || state === 'half-open') this.#parts.log.info('upstream.server', fields);
    else this.#parts.log.warn('upstream.server', fields);
  }

  #check(server: ForwardServer): void {
    const { health, name } = this.#config;
    const { probe } = this.#parts;
    if (health === null || probe === null || this.#checks.has(server)) return;
    const { host, name: serverHost, port, socketPath, tls } = server.pool.address;
    const secured = tls?.optionsFor(serverHost) ?? null;
    const target = { host, port, socketPath, tls: secured, authority: name };
    const check = new HealthCheck(server, probe(health, target), health, systemClock);
    this.#checks.set(server, check);
    check.start(this.#words.next() / 2 ** 32);
  }
}
