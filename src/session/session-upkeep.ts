import type { SessionsConfig } from '../config/sessions.ts';
import type { Clock } from '../lib/clock.ts';
import type { Coherence } from './coherence.ts';
import type { SessionCache } from './session-cache.ts';
import type { SessionCounters } from './session-counters.ts';
import type { SessionEndings } from './session-endings.ts';
import type { SessionStore } from './session-store.ts';
import type { TouchCalendar } from './touch-calendar.ts';

export interface SessionUpkeepParts {
  readonly config: Pick<SessionsConfig, 'idleTimeoutMs' | 'sweepIntervalMs'>;
  readonly store: Pick<SessionStore, 'sweep'>;
  readonly cache: SessionCache;
  readonly touches: TouchCalendar;
  readonly endings: SessionEndings;
  readonly coherence: Coherence;
  readonly counters: SessionCounters;
  readonly clock: Clock;
}

/** What is done about sessions from time to time, whoever asks: the store hears what it has to, and what is over goes. */
export class SessionUpkeep {
  readonly #parts: SessionUpkeepParts;
  #timers: readonly NodeJS.Timeout[] = [];
  #isSweeping = false;

  constructor(parts: SessionUpkeepParts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#timers.length > 0) return;
    const { config, touches } = this.#parts;
    this.#timers = [
      setInterval(() => void this.flush(), touches.flushIntervalMs).unref(),
      setInterval(() => void this.sweep(), config.sweepIntervalMs).unref(),
    ];
  }

  /** The store has heard everything, if it listens, when this is done. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#timers = [];
    await this.#flush(true);
  }

  /** Tells the store what it has to hear by now. */
  async flush(): Promise<void> {
    await this.#flush(false);
  }

  /** Removes what has expired, here and in the store. */
  async sweep(): Promise<void> {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    try {
      const { cache, clock, coherence, config, counters, store, touches } = this.#parts;
      const nowMs = clock.now();
      await touches.flush(nowMs);
      cache.age(coherence.coherentMs());
      await store.sweep();
      counters.expired += await cache.dropExpired(nowMs, config.idleTimeoutMs);
    } finally {
      this.#isSweeping = false;
    }
  }

  async #flush(isAll: boolean): Promise<void> {
    const { clock, endings, touches } = this.#parts;
    await touches.flush(clock.now(), isAll);
    await endings.confirm();
  }
}
