import type { ServerConfig } from '../config/server.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import { textHash } from '../lib/text-hash.ts';
import type { Candidate } from './balancing-policy.ts';
import { Breaker } from './breaker.ts';
import { FailureWindow } from './failure-window.ts';
import { ServerTally } from './server-tally.ts';

/**
 * `out`: its failures say so, it is asked only where all others are out, and tried again after failTimeout.
 * `unhealthy`: its health checks say so. `open`, `half-open`: its breaker does. The names are public interface.
 */
export type ServerState = 'up' | 'out' | 'unhealthy' | 'open' | 'half-open';
export const SERVER_STATES = ['up', 'out', 'unhealthy', 'open', 'half-open'] as const;

/** What a server may be asked now. */
export const Standing = { never: 0, lastResort: 1, inService: 2 } as const;
export type Standing = (typeof Standing)[keyof typeof Standing];

/** Where a server is: one address of what the configuration calls a server. */
export interface ServerAddress {
  /** An IP address, a host name that the system resolves, or the path of a Unix socket. */
  readonly host: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** As logs, metrics and operators read it. */
  readonly name: string;
}

/** Hears of each change once. */
export type StateListener = (state: ServerState, reason: string) => void;

/** The least that a server gets while it starts slowly: without a request it would never warm up. */
const SHARE_MIN = 0.1;

/** One server of a group: what is known of it, and what follows from that. */
export class UpstreamServer<Pool = unknown> implements Candidate {
  readonly config: ServerConfig;
  readonly address: ServerAddress;
  readonly pool: Pool;
  /** Its place in the set of those that a request has been to. */
  readonly bit: number;
  readonly seed: number;
  readonly tally = new ServerTally();
  credit = 0;
  share: number;
  inFlight = 0;
  readonly #failures: FailureWindow;
  readonly #breaker: Breaker | null;
  readonly #slowStartMs: number;
  readonly #changed: StateListener;
  #isHealthy = true;
  #state: ServerState = 'up';
  /** From when on its share grows; Infinity while it has not answered yet, −Infinity for a share that is whole. */
  #warmingSinceMs = -Infinity;

  constructor(parts: {
    config: ServerConfig;
    address: ServerAddress;
    pool: Pool;
    bit: number;
    upstream: UpstreamConfig;
    /** A server that has no others beside it is not put out by its failures: it would help nobody. */
    isAlone: boolean;
    changed: StateListener;
  }) {
    const { address, bit, changed, config, isAlone, pool, upstream } = parts;
    this.config = config;
    this.address = address;
    this.pool = pool;
    this.bit = bit;
    this.seed = textHash(address.name);
    this.share = config.weight;
    this.#failures = new FailureWindow(isAlone ? 0 : upstream.maxFails, upstream.failTimeoutMs);
    this.#breaker = upstream.breaker === null ? null : new Breaker(upstream.breaker);
    this.#slowStartMs = upstream.slowStartMs;
    this.#changed = changed;
  }

  get state(): ServerState {
    if (!this.#isHealthy) return 'unhealthy';
    const breaker = this.#breaker?.state ?? 'closed';
    if (breaker !== 'closed') return breaker;
    return this.#failures.isOut ? 'out' : 'up';
  }

  standing(nowMs: number): Standing {
    if (this.#slowStartMs > 0) this.#warm(nowMs);
    if (!this.#isHealthy) return Standing.never;
    if (this.#breaker !== null && !this.#breaker.admits(nowMs)) return Standing.never;
    return this.#failures.isShut(nowMs) ? Standing.lastResort : Standing.inService;
  }

  /** A request is on its way to it; `ended` follows, whatever becomes of it. */
  began(nowMs: number): void {
    this.inFlight++;
    this.tally.requests++;
    if (this.#breaker === null) return;
    this.#breaker.began();
    this.#note(nowMs, 'trial');
  }

  ended(): void {
    this.inFlight--;
  }

  /** The head of an answer has come, `latencyMs` after the request was sent. */
  answered(status: number, latencyMs: number, nowMs: number): void {
    this.tally.answered(status, latencyMs);
    this.#failures.succeeded();
    if (this.#breaker !== null) {
      if (status >= 500) this.#breaker.failed(nowMs);
      else this.#breaker.succeeded(nowMs);
    }
    if (this.#state !== this.state) this.#note(nowMs, status >= 500 ? 'answers' : 'answer');
  }

  failed(reason: string, nowMs: number): void {
    this.#failures.failed(nowMs);
    this.#breaker?.failed(nowMs);
    this.#note(nowMs, reason);
  }

  /** What its health checks have come to. */
  checked(isHealthy: boolean, reason: string, nowMs: number): void {
    this.#isHealthy = isHealthy;
    // A check that succeeds ends what failures have said: somebody has looked.
    if (isHealthy) this.#failures.succeeded();
    this.#note(nowMs, reason);
  }

  /** It has just come into a group that was there before, and starts slowly. */
  arrived(nowMs: number): void {
    if (this.#slowStartMs > 0) this.#warmingSinceMs = nowMs;
  }

  #note(nowMs: number, reason: string): void {
    const { state } = this;
    if (state === this.#state) return;
    this.#state = state;
    if (this.#slowStartMs > 0) this.#warmingSinceMs = state === 'up' ? nowMs : Infinity;
    this.#changed(state, reason);
  }

  #warm(nowMs: number): void {
    const sinceMs = this.#warmingSinceMs;
    if (sinceMs === -Infinity) return;
    const { weight } = this.config;
    const part = (nowMs - sinceMs) / this.#slowStartMs;
    if (part >= 1) this.#warmingSinceMs = -Infinity;
    this.share = weight * Math.min(1, Math.max(SHARE_MIN, part));
  }
}
