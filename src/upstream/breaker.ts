import type { BreakerConfig } from '../config/breaker.ts';

/**
 *   closed ──too large a share of failures──► open ──openFor──► half-open ──trials answered──► closed
 *                                              ▲                    └──a failure──┐
 *                                              └──────────────────────────────────┘
 */
export type BreakerState = 'closed' | 'open' | 'half-open';

/**
 * Looks at the share of failures where passive checks look at their number: a server that answers most requests with 500
 * is never out of reach, and yet not worth asking.
 */
export class Breaker {
  readonly #config: BreakerConfig;
  #state: BreakerState = 'closed';
  /** The window in two halves: the younger one fills, the elder one is still counted. */
  #requests = 0;
  #failures = 0;
  #elderRequests = 0;
  #elderFailures = 0;
  #halfEndMs = 0;
  /** Of `open`: its end. Of `half-open`: when trials that nobody answered are forgotten. */
  #untilMs = 0;
  #trialsLeft = 0;
  #answersMissing = 0;

  constructor(config: BreakerConfig) {
    this.#config = config;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a request may be sent now. */
  admits(nowMs: number): boolean {
    if (this.#state === 'closed') return true;
    if (nowMs >= this.#untilMs) this.#tryAgain(nowMs);
    return this.#trialsLeft > 0;
  }

  /** A request is sent. */
  began(): void {
    if (this.#state === 'half-open') this.#trialsLeft--;
  }

  succeeded(nowMs: number): void {
    if (this.#state === 'closed') this.#count(nowMs, 0);
    else if (this.#state === 'half-open' && --this.#answersMissing <= 0) this.#close();
  }

  failed(nowMs: number): void {
    if (this.#state === 'half-open') this.#open(nowMs);
    else if (this.#state === 'closed') {
      this.#count(nowMs, 1);
      const requests = this.#requests + this.#elderRequests;
      const failures = this.#failures + this.#elderFailures;
      if (requests < this.#config.requestsMin) return;
      if (failures * 100 >= requests * this.#config.failurePercent) this.#open(nowMs);
    }
  }

  #count(nowMs: number, failures: number): void {
    const halfMs = this.#config.windowMs / 2;
    if (nowMs >= this.#halfEndMs) {
      const isNext = nowMs < this.#halfEndMs + halfMs;
      this.#elderRequests = isNext ? this.#requests : 0;
      this.#elderFailures = isNext ? this.#failures : 0;
      this.#requests = 0;
      this.#failures = 0;
      this.#halfEndMs = nowMs + halfMs;
    }
    this.#requests++;
    this.#failures += failures;
  }

  #open(nowMs: number): void {
    this.#state = 'open';
    this.#trialsLeft = 0;
    this.#untilMs = nowMs + this.#config.openForMs;
  }

  #tryAgain(nowMs: number): void {
    this.#state = 'half-open';
    this.#trialsLeft = this.#config.trials;
    this.#answersMissing = this.#config.trials;
    this.#untilMs = nowMs + this.#config.openForMs;
  }

  #close(): void {
    this.#state = 'closed';
    this.#requests = 0;
    this.#failures = 0;
    this.#elderRequests = 0;
    this.#elderFailures = 0;
    this.#halfEndMs = 0;
  }
}
