import type { Clock } from '../lib/clock.ts';
import type { Commit, Member, Settlement } from '../session/commit.ts';
import type { Acknowledgement, Bus } from './bus.ts';
import { SETTLE_BOUNDS_MS, type CoherenceCounters } from './coherence-counters.ts';

/** Acknowledgements that are not waited for yet, or no longer: their answer may overtake that of the commit. */
const tagsMax = 4_096;

export interface BarrierParts {
  readonly worker: string;
  readonly boundMs: number;
  readonly bus: Pick<Bus, 'publish' | 'members'>;
  readonly clock: Clock;
  readonly counters: CoherenceCounters;
}

interface Waiting {
  /** Members that have not acknowledged every entry, with the end of their leases on the monotonic clock. */
  readonly missing: Map<string, number>;
  readonly tags: readonly string[];
  readonly look: () => void;
}

/**
 * Waits until nobody accepts what was revoked: each member of the moment of the commit has acknowledged every entry, or
 * its own bound has passed since the answer to the commit came, and with it its lease.
 */
export class Barrier {
  readonly #parts: BarrierParts;
  readonly #waiting = new Set<Waiting>();
  /** Who has acknowledged which tag, the oldest first. */
  readonly #heard = new Map<string, Set<string>>();

  constructor(parts: BarrierParts) {
    this.#parts = parts;
  }

  acknowledged({ entries, worker }: Acknowledgement): void {
    for (const { tag } of entries) {
      const workers = this.#heard.get(tag);
      if (workers !== undefined) workers.add(worker);
      else this.#heard.set(tag, new Set([worker]));
    }
    for (const tag of this.#heard.keys()) {
      if (this.#heard.size <= tagsMax) break;
      this.#heard.delete(tag);
    }
    for (const waiting of [...this.#waiting]) this.#strikeOff(waiting, worker);
  }

  /** Its lease has ended with it. */
  left(worker: string): void {
    for (const waiting of [...this.#waiting]) {
      if (waiting.missing.delete(worker)) waiting.look();
    }
  }

  async settle(commit: Commit): Promise<Settlement> {
    const { boundMs, bus, clock, counters, worker } = this.#parts;
    const startMs = clock.monotonic();
    bus.publish(commit.entries);
    const members = commit.members ?? (await bus.members());
    const everybodyMs = members === null ? boundMs : commit.unknownBoundMs;
    const others = (members ?? []).filter((member) => member.worker !== worker);
    const tags = commit.entries.map(({ tag }) => tag);
    const missing = await this.#wait(others, tags, startMs, startMs + everybodyMs);
    for (const tag of tags) this.#heard.delete(tag);
    const waitedMs = clock.monotonic() - startMs;
    counters.settled += 1;
    counters.settledMs += waitedMs;
    const slot = SETTLE_BOUNDS_MS.findIndex((bound) => waitedMs <= bound);
    const index = slot < 0 ? SETTLE_BOUNDS_MS.length : slot;
    counters.settledWithin[index] = (counters.settledWithin[index] ?? 0) + 1;
    counters.unacknowledged += missing;
    return {
      members: others.length + 1,
      acknowledged: others.length + 1 - missing,
      waitedMs,
      isReplicated: commit.isReplicated,
    };
  }

  /** Until nobody is missing; says how many there were whose time ran out. */
  #wait(
    others: readonly Member[],
    tags: readonly string[],
    startMs: number,
    notBeforeMs: number,
  ): Promise<number> {
    const { clock } = this.#parts;
    const missing = new Map(others.map((one) => [one.worker, startMs + one.boundMs]));
    const { promise, resolve } = Promise.withResolvers<number>();
    let timer: NodeJS.Timeout | undefined;
    let silent = 0;
    const look = (): void => {
      clearTimeout(timer);
      const nowMs = clock.monotonic();
      for (const [worker, untilMs] of missing) {
        if (nowMs < untilMs) continue;
        missing.delete(worker);
        silent += 1;
      }
      const nextMs = Math.min(...missing.values(), nowMs < notBeforeMs ? notBeforeMs : Infinity);
      if (nextMs === Infinity) {
        this.#waiting.delete(waiting);
        resolve(silent);
      } else {
        timer = setTimeout(look, Math.max(1, Math.ceil(nextMs - nowMs)));
      }
    };
    const waiting: Waiting = { missing, tags, look };
    this.#waiting.add(waiting);
    for (const { worker } of others) this.#strikeOff(waiting, worker);
    look();
    return promise;
  }

  #strikeOff({ look, missing, tags }: Waiting, worker: string): void {
    if (!missing.has(worker)) return;
    if (!tags.every((tag) => this.#heard.get(tag)?.has(worker) === true)) return;
    missing.delete(worker);
    look();
  }
}
