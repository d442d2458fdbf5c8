import type { Clock } from '../lib/clock.ts';
import type { Coherence } from '../session/coherence.ts';
import type { Commit, Settlement } from '../session/commit.ts';
import { Lease } from '../session/lease.ts';
import { logBeginning, type LogEntry, type LogPosition } from '../session/log-entry.ts';
import type { Replica } from '../session/replica.ts';
import { Acknowledger } from './acknowledger.ts';
import { Barrier } from './barrier.ts';
import type { Acknowledgement, Bus, BusListener } from './bus.ts';
import { createCoherenceCounters } from './coherence-counters.ts';
import { MemberWatch } from './member-watch.ts';
import { Renewals } from './renewals.ts';
import type { JumpReason, MemberTable, PollAnswer, RevocationLog } from './revocation-log.ts';
import { StoreEpochs } from './store-epochs.ts';

/** Times in milliseconds; see `CoherenceConfig`. */
export interface FollowerTimes {
  readonly stalenessMs: number;
  readonly pollIntervalMs: number;
  readonly settleMs: number;
}

export interface FollowerParts {
  readonly worker: string;
  readonly log: RevocationLog;
  readonly bus: Bus;
  /** Null where the bus knows who is there. */
  readonly table: MemberTable | null;
  readonly times: FollowerTimes;
  readonly clock: Clock;
  readonly onJump?: (reason: JumpReason) => void;
}

/**
 * | state     | lease, store                                             | a cached session     | /readyz |
 * | coherent  | valid                                                    | at once              | 200     |
 * | suspect   | run out, a poll under way                                | waits for the poll   | 200     |
 * | isolated  | run out, polls refused or unanswered                     | 503                  | 503     |
 * | resyncing | connected: the first poll, catching up, or a young epoch | waits for the poll   | 503     |
 */
export const COHERENCE_STATES = ['coherent', 'suspect', 'isolated', 'resyncing'] as const;
export type CoherenceState = (typeof COHERENCE_STATES)[number];

/** Of the bound: clocks of two machines run at rates that may differ by a tenth each. */
const leaseShare = 0.8;
const commandMsMax = 250;
/** How often a worker looks whether it is connected again, and asks while requests wait for the answer. */
const lookMs = 20;
/** Remembered so long for the bus to catch up with a poll. */
const unheardMax = 1_000;
/** Between two polls the clocks of a machine drift apart by much less. */
const clockStepMs = 1_000;
/** A subscription that was made anew is given so long before it is called deaf again. */
const renewalPauseMs = 5_000;

/**
 * Follows the log of revocations for one worker: polls bring truth and the lease, the bus brings speed. The position
 * moves with the answers to polls only; what the bus brings is applied as it comes.
 */
export class Follower implements Coherence, BusListener {
  readonly lease = new Lease();
  readonly counters = createCoherenceCounters();
  readonly freshMs: number;
  readonly #parts: FollowerParts;
  readonly #epochs: StoreEpochs;
  readonly #barrier: Barrier;
  readonly #acknowledger: Acknowledger;
  readonly #renewals: Renewals;
  readonly #watch: MemberWatch | null;
  readonly #waitMs: number;
  #replica: Replica | null = null;
  #remind: (keys: readonly string[]) => Promise<'reminded' | 'unavailable'> = () =>
    Promise.resolve('reminded');
  #position: LogPosition | null = null;
  #generation = 0;
  #sequence = 0;
  #polledAtMs = -Infinity;
  #polling: Promise<void> | null = null;
  #isStopped = true;
  #timer: NodeJS.Timeout | undefined;
  #coherentMs = 0;
  #coherentUntilMs = -Infinity;
  #hadLease = false;
  /** Epochs whose store has yet to be told what we remember. */
  #isReminderDue = false;
  /** Tags of entries that a poll brought and the bus did not, with the number of that poll. */
  readonly #unheard = new Map<string, number>();
  /** Tags that the bus brought and no poll has, with the number of the entry. */
  readonly #heard = new Map<string, number>();
  #renewedAtMs = -Infinity;
  /** By how much the wall clock was ahead of the monotonic one when the last poll was sent. */
  #wallAheadMs: number | null = null;

  constructor(parts: FollowerParts) {
    const { bus, clock, table, times, worker } = parts;
    this.#parts = parts;
    this.freshMs = times.stalenessMs * leaseShare;
    this.#waitMs = Math.min(commandMsMax, times.stalenessMs / 4);
    this.#renewals = new Renewals(this.#waitMs);
    this.#epochs = new StoreEpochs(times.settleMs, clock);
    this.#acknowledger = new Acknowledger(worker, bus);
    const shared = { worker, boundMs: times.stalenessMs, clock, counters: this.counters };
    this.#barrier = new Barrier({ ...shared, bus });
    this.#watch = table === null ? null : new MemberWatch({ ...shared, table });
  }

  get generation(): number {
    return this.#generation;
  }

  get mayRead(): boolean {
    return this.#position !== null && this.#epochs.isSettled;
  }

  get hasLease(): boolean {
    const { clock } = this.#parts;
    return this.lease.covers(clock.monotonic(), clock.now());
  }

  /** Workers in the member table, when it was last looked at. */
  get memberCount(): number {
    return this.#watch?.count ?? 0;
  }

  get state(): CoherenceState {
    const { clock, log } = this.#parts;
    if (this.hasLease && this.mayRead) return 'coherent';
    if (!log.isConnected) return 'isolated';
    if (!this.mayRead) return 'resyncing';
    const overForMs = this.lease.overForMs(clock.monotonic());
    return overForMs < this.#waitMs ? 'suspect' : 'isolated';
  }

  /** Once, before `start`: whose sessions follow the log. */
  lead(
    replica: Replica,
    remind: (keys: readonly string[]) => Promise<'reminded' | 'unavailable'>,
  ): void {
    this.#replica = replica;
    this.#remind = remind;
    this.#parts.bus.listen(this);
  }

  async start(): Promise<void> {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    await this.#parts.bus.start();
    this.#watch?.start();
    this.#poll();
  }

  /** Drops the lease before the store is told: whoever revokes meanwhile has nobody here to wait for. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#watch?.stop();
    this.lease.drop();
    this.#renewals.tell(false);
    // A poll that is under way would put the row back.
    await this.#polling;
    await this.#parts.table?.leave(this.#parts.worker);
    await this.#parts.bus.stop();
  }

  coherentMs(): number {
    return this.#coherentMs;
  }

  renewal(): Promise<boolean> {
    if (this.hasLease && this.mayRead) return Promise.resolve(true);
    if (this.#isStopped || (!this.#parts.log.isConnected && this.#polling === null)) {
      return Promise.resolve(false);
    }
    this.#poll();
    return this.#renewals.wait();
  }

  settle(commit: Commit): Promise<Settlement> {
    return this.#barrier.settle(commit);
  }

  // ── the bus ────────────────────────────────────────────────────────────────────────────────────────────────────────

  entered(entry: LogEntry): void {
    if (this.#isStopped) return;
    if (!this.#unheard.delete(entry.tag)) {
      this.counters.messages += 1;
      if (this.#heard.size < unheardMax) this.#heard.set(entry.tag, entry.number);
    }
    this.#apply(entry);
  }

  acknowledged(acknowledgement: Acknowledgement): void {
    this.#barrier.acknowledged(acknowledgement);
  }

  /** Nobody who revokes from now on is to wait for it either. */
  left(worker: string): void {
    this.#barrier.left(worker);
    void this.#parts.table?.leave(worker);
  }

  // ── polls ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Now, unless one is under way. */
  #poll(): void {
    if (this.#polling !== null || this.#isStopped) return;
    clearTimeout(this.#timer);
    this.#polling = this.#pollOnce().finally(() => {
      this.#polling = null;
      if (this.#isStopped) return;
      const { clock, log, times } = this.#parts;
      const elapsedMs = clock.monotonic() - this.#polledAtMs;
      const isHurried = !log.isConnected || this.#renewals.isAwaited;
      const waitMs = isHurried ? lookMs : Math.max(1, times.pollIntervalMs - elapsedMs);
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#poll(), waitMs);
    });
  }

  /** Somebody has set the wall clock: the deadlines of all copies are on the old one. */
  #compareClocks(atMs: number, atWallMs: number): void {
    const before = this.#wallAheadMs;
    this.#wallAheadMs = atWallMs - atMs;
    if (before === null || this.#position === null) return;
    if (Math.abs(this.#wallAheadMs - before) >= clockStepMs) this.#jump('clock', this.#position);
  }

  /** More than one question where there is more to catch up with than an answer holds. */
  async #pollOnce(): Promise<void> {
    const { clock, log, times, worker } = this.#parts;
    for (;;) {
      // Before anything is handed on: whatever waits from here on only makes the lease shorter.
      const sentAtMs = clock.monotonic();
      const sentAtWallMs = clock.now();
      this.#compareClocks(sentAtMs, sentAtWallMs);
      const generation = this.#generation;
      this.#polledAtMs = sentAtMs;
      this.#sequence += 1;
      this.counters.polls += 1;
      const silence = setTimeout(() => log.giveUp(), times.stalenessMs);
      const answer = await log.poll({
        worker,
        sequence: this.#sequence,
        boundMs: times.stalenessMs,
        position: this.#position,
      });
      clearTimeout(silence);
      if (this.#isStopped) return;
      if (answer.kind === 'unavailable') {
        this.counters.pollFailures += 1;
        this.#lapse();
        if (answer.reason === 'refused' && !log.isConnected) this.#renewals.tell(false);
        return;
      }
      if (generation !== this.#generation) return;
      if (this.#take(answer)) {
        this.#grant(sentAtMs, sentAtWallMs);
        return;
      }
    }
  }

  /** Does as an answer says; true if it reaches the end of the log. */
  #take(answer: Exclude<PollAnswer, { kind: 'unavailable' }>): boolean {
    const epoch = this.#epochs.enter(answer.epoch);
    if (epoch !== 'same') this.counters.epochs += 1;
    if (epoch === 'new') this.#isReminderDue = true;
    if (answer.kind === 'jumped') {
      this.#jump(answer.reason, answer.end);
      return true;
    }
    // Emptied: it knows none of our copies, and its log looks as if it had just begun.
    if (epoch === 'new' && answer.epoch.isNew) this.#jump('lost', logBeginning);
    for (const entry of answer.entries) {
      if (!this.#heard.delete(entry.tag)) {
        this.counters.catchUps += 1;
        if (this.#unheard.size < unheardMax) this.#unheard.set(entry.tag, this.#sequence);
      }
      this.#apply(entry);
      this.#position = { number: entry.number, tag: entry.tag };
    }
    this.#listen();
    if (answer.isAtEnd) this.#forgetHeard();
    return answer.isAtEnd;
  }

  #jump(reason: JumpReason, end: LogPosition): void {
    this.counters.jumps[reason] += 1;
    this.#generation += 1;
    this.#replica?.jump();
    this.#position = end;
    this.#unheard.clear();
    this.#heard.clear();
    this.#parts.onJump?.(reason);
  }

  #apply(entry: LogEntry): void {
    this.#replica?.apply(entry);
    this.#acknowledger.applied(entry);
  }

  #grant(sentAtMs: number, sentAtWallMs: number): void {
    if (this.#isReminderDue) void this.#remindStore();
    if (!this.#epochs.isSettled) return;
    this.#coherentMs += Math.max(0, Math.min(sentAtMs - this.#coherentUntilMs, this.freshMs));
    this.#coherentUntilMs = sentAtMs;
    this.lease.extend(sentAtMs + this.freshMs, sentAtWallMs + this.freshMs);
    this.#hadLease = true;
    if (this.hasLease) this.#renewals.tell(true);
  }

  #lapse(): void {
    if (!this.#hadLease || this.hasLease) return;
    this.#hadLease = false;
    this.counters.lapses += 1;
  }

  /** An entry that came by a poll, and by the bus not even a whole period later. */
  #listen(): void {
    let missed = 0;
    for (const [tag, sequence] of this.#unheard) {
      if (sequence >= this.#sequence) break;
      this.#unheard.delete(tag);
      missed += 1;
    }
    if (missed === 0) return;
    this.counters.missed += missed;
    // What comes while it is renewed is missed as well: that must not be the reason for the next time.
    const nowMs = this.#parts.clock.monotonic();
    if (nowMs - this.#renewedAtMs < renewalPauseMs) return;
    this.#renewedAtMs = nowMs;
    this.#parts.bus.renew();
  }

  /** What came so late that its poll was long over: no poll brings it again. */
  #forgetHeard(): void {
    const end = this.#position?.number ?? 0;
    for (const [tag, number] of this.#heard) if (number <= end) this.#heard.delete(tag);
  }

  /** The store may have lost what we know. Until it has been told, every poll tries again. */
  async #remindStore(): Promise<void> {
    this.#isReminderDue = false;
    const keys = this.#replica?.revokedLately() ?? [];
    if ((await this.#remind(keys)) === 'unavailable') this.#isReminderDue = true;
  }
}
