import { serverName } from '../config/server.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import type { ForwardServer } from '../gateway/upstream-target.ts';
import { codeClasses } from '../observability/catalogue.ts';
import type { UpstreamTally } from '../observability/upstream-figures.ts';
import { SERVER_STATES } from '../upstream/server.ts';

/** Of servers that have left a group so many are still looked at: something may be under way there. */
const GONE_MAX = 64;

/**
 * What the servers of an upstream have come to, by what the configuration calls a server: addresses come and go, and a
 * counter must not fall, nor a label be new, because of that.
 */
export class UpstreamTallies {
  readonly #config: UpstreamConfig;
  readonly #gone: ForwardServer[] = [];
  /** Of those that are not looked at any more. */
  readonly #forgotten = new Map<string, UpstreamTally>();

  constructor(config: UpstreamConfig) {
    this.#config = config;
  }

  left(server: ForwardServer): void {
    this.#gone.push(server);
    const oldest = this.#gone.length > GONE_MAX ? this.#gone.shift() : undefined;
    if (oldest === undefined) return;
    const name = serverName(oldest.config);
    const { states: _, ...tally } = tallyOf(oldest);
    const last = { ...tally, open: 0, idle: 0, waiting: 0, inFlight: 0, states: {} };
    this.#forgotten.set(name, sum(this.#forgotten.get(name) ?? this.#nothing(name), last));
  }

  read(servers: readonly ForwardServer[]): readonly UpstreamTally[] {
    return this.#config.servers.map((config) => {
      const name = serverName(config);
      const isOwn = (server: ForwardServer): boolean => server.config === config;
      const gone = this.#gone.filter(isOwn).map((one) => ({ ...tallyOf(one), states: {} }));
      const all = [...servers.filter(isOwn).map(tallyOf), ...gone];
      return all.reduce(sum, this.#forgotten.get(name) ?? this.#nothing(name));
    });
  }

  #nothing(server: string): UpstreamTally {
    return {
      upstream: this.#config.name,
      server,
      connects: 0,
      reuses: 0,
      open: 0,
      idle: 0,
      waiting: 0,
      inFlight: 0,
      requests: 0,
      failures: {},
      answers: {},
      byLatency: [],
      latencySumMs: 0,
      states: Object.fromEntries(SERVER_STATES.map((state) => [state, 0])),
    };
  }
}

function tallyOf({ inFlight, pool, state, tally }: ForwardServer): UpstreamTally {
  const { counters } = pool;
  return {
    upstream: counters.upstream,
    server: counters.server,
    connects: counters.connects,
    reuses: counters.reuses,
    open: counters.open,
    idle: counters.idle,
    waiting: counters.waiting,
    inFlight,
    requests: tally.requests,
    failures: counters.failures,
    answers: Object.fromEntries(
      tally.byStatusClass.map((count, index) => [codeClasses[index] ?? 'none', count]),
    ),
    byLatency: tally.byLatency,
    latencySumMs: tally.latencySumMs,
    states: { [state]: 1 },
  };
}

function sum(one: UpstreamTally, other: UpstreamTally): UpstreamTally {
  const bounds = Math.max(one.byLatency.length, other.byLatency.length);
  return {
    upstream: one.upstream,
    server: one.server,
    connects: one.connects + other.connects,
    reuses: one.reuses + other.reuses,
    open: one.open + other.open,
    idle: one.idle + other.idle,
    waiting: one.waiting + other.waiting,
    inFlight: one.inFlight + other.inFlight,
    requests: one.requests + other.requests,
    failures: sumBy(one.failures, other.failures),
    answers: sumBy(one.answers, other.answers),
    byLatency: Array.from(
      { length: bounds },
      (_, index) => (one.byLatency[index] ?? 0) + (other.byLatency[index] ?? 0),
    ),
    latencySumMs: one.latencySumMs + other.latencySumMs,
    states: sumBy(one.states, other.states),
  };
}

type Counts = Readonly<Record<string, number>>;

function sumBy(one: Counts, other: Counts): Counts {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(names.map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}
