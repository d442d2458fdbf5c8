import type { HealthConfig } from '../config/health.ts';
import type { Clock } from '../lib/clock.ts';

/** What a probe found; `reason` is for people: a status, a kind of error. */
export interface ProbeFinding {
  readonly isGood: boolean;
  readonly reason: string;
}

/** Asks a server once how it is. Never rejects. */
export interface HealthProbe {
  ask(): Promise<ProbeFinding>;
  close(): void;
}

/** Who is told when the findings have come to something: the server. */
export interface CheckedServer {
  checked(isHealthy: boolean, reason: string, nowMs: number): void;
}

/**
 * Asks one server again and again. So many bad findings in a row make it unhealthy, so many good ones healthy: one lost
 * packet must not move all its traffic, nor must one good answer of a server that is still starting.
 */
export class HealthCheck {
  readonly #server: CheckedServer;
  readonly #probe: HealthProbe;
  readonly #config: HealthConfig;
  readonly #clock: Clock;
  #isHealthy = true;
  /** Findings in a row that speak against what it is taken for. */
  #against = 0;
  #isStopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(server: CheckedServer, probe: HealthProbe, config: HealthConfig, clock: Clock) {
    this.#server = server;
    this.#probe = probe;
    this.#config = config;
    this.#clock = clock;
  }

  /** `fraction` of an interval passes before the first question: checks of many servers are spread. */
  start(fraction: number): void {
    this.#wait(fraction * this.#config.intervalMs);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#probe.close();
  }

  /** One question, and what follows from the answer. */
  async run(): Promise<void> {
    const finding = await this.#probe.ask();
    if (this.#isStopped) return;
    this.#judge(finding);
    this.#wait(this.#config.intervalMs);
  }

  #judge({ isGood, reason }: ProbeFinding): void {
    if (isGood === this.#isHealthy) {
      this.#against = 0;
      return;
    }
    const { fall, rise } = this.#config;
    if (++this.#against < (isGood ? rise : fall)) return;
    this.#against = 0;
    this.#isHealthy = isGood;
    this.#server.checked(isGood, reason, this.#clock.monotonic());
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.run(), milliseconds);
    this.#timer.unref();
  }
}
