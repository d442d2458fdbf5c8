import type { Clock } from '../lib/clock.ts';
import type { CoherenceCounters } from './coherence-counters.ts';
import type { MemberTable } from './revocation-log.ts';

export interface MemberWatchParts {
  readonly table: MemberTable;
  readonly worker: string;
  readonly boundMs: number;
  readonly clock: Clock;
  readonly counters: CoherenceCounters;
}

/**
 * Strikes members that have gone without a word: those whose polls have stood still for their own bound, on the clock of
 * whoever looks. Until then every revocation waits for them.
 */
export class MemberWatch {
  readonly #parts: MemberWatchParts;
  #seen = new Map<string, { readonly sequence: number; readonly sinceMs: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: MemberWatchParts) {
    this.#parts = parts;
  }

  /** In the table when it was last looked at. */
  get count(): number {
    return this.#seen.size;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), this.#parts.boundMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async look(): Promise<void> {
    const { clock, counters, table, worker: own } = this.#parts;
    const rows = await table.rows();
    if (rows === null) return;
    const nowMs = clock.monotonic();
    const seen = new Map<string, { readonly sequence: number; readonly sinceMs: number }>();
    for (const { boundMs, sequence, worker } of rows) {
      const before = this.#seen.get(worker);
      const isStill = before !== undefined && before.sequence === sequence;
      const sinceMs = isStill ? before.sinceMs : nowMs;
      if (worker !== own && nowMs - sinceMs >= boundMs) {
        counters.struck += 1;
        await table.strike(worker, sequence);
      } else {
        seen.set(worker, { sequence, sinceMs });
      }
    }
    this.#seen = seen;
  }
}
