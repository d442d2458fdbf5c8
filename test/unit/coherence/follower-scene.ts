import { vi } from 'vitest';
import type { Acknowledgement, Bus, BusListener } from '../../../src/coherence/bus.ts';
import { Follower, type FollowerTimes } from '../../../src/coherence/follower.ts';
import type { MemberRow, MemberTable, PollAnswer } from '../../../src/coherence/revocation-log.ts';
import type { PollQuestion, RevocationLog } from '../../../src/coherence/revocation-log.ts';
import type { StoreEpoch } from '../../../src/coherence/revocation-log.ts';
import type { Commit, Member } from '../../../src/session/commit.ts';
import type { LogEntry, LogPosition } from '../../../src/session/log-entry.ts';
import type { Replica } from '../../../src/session/replica.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** A log that answers when it is told to. */
class ScriptedLog implements RevocationLog, MemberTable {
  isConnected = true;
  entries: LogEntry[] = [];
  /** Entries up to this number are gone. */
  trimmed = 0;
  epoch: StoreEpoch = { id: 'e1', ageMs: 1e9, isNew: false };
  mood: 'answering' | 'held' | 'refused' = 'answering';
  readonly questions: PollQuestion[] = [];
  members: MemberRow[] = [];
  readonly struck: string[] = [];
  givenUp = 0;
  #held: (() => void)[] = [];

  append(ids: readonly string[], revoker = 'other'): LogEntry {
    const number = (this.entries.at(-1)?.number ?? this.trimmed) + 1;
    const entry: LogEntry = { number, tag: `t${String(number)}`, kind: 'revoked', revoker, ids };
    this.entries.push(entry);
    return entry;
  }

  async poll(question: PollQuestion): Promise<PollAnswer> {
    this.questions.push(question);
    if (this.mood === 'refused') return { kind: 'unavailable', reason: 'refused' };
    const answer = this.#answerTo(question);
    if (this.mood === 'held') await new Promise<void>((go) => this.#held.push(go));
    return answer;
  }

  /** Lets the answers go that were held back. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const go of held) go();
  }

  giveUp(): void {
    this.givenUp += 1;
  }

  rows(): Promise<readonly MemberRow[]> {
    return Promise.resolve([...this.members]);
  }

  strike(worker: string, sequence: number): Promise<void> {
    this.struck.push(worker);
    this.members = this.members.filter((row) => row.worker !== worker || row.sequence !== sequence);
    return Promise.resolve();
  }

  leave(worker: string): Promise<void> {
    this.members = this.members.filter((row) => row.worker !== worker);
    return Promise.resolve();
  }

  #answerTo({ position }: PollQuestion): PollAnswer {
    const { entries, epoch, trimmed } = this;
    const last = entries.at(-1);
    const end: LogPosition = { number: last?.number ?? trimmed, tag: last?.tag ?? '' };
    if (position === null) return { kind: 'jumped', reason: 'first', end, epoch };
    const isThere =
      (position.number === 0 && trimmed === 0) ||
      entries.some(({ number, tag }) => number === position.number && tag === position.tag);
    if (!isThere) return { kind: 'jumped', reason: 'trimmed', end, epoch };
    const news = entries.filter(({ number }) => number > position.number);
    return { kind: 'followed', entries: news, isAtEnd: true, epoch };
  }
}

/** A bus that delivers what it is told to. */
class ScriptedBus implements Bus {
  listener: BusListener | null = null;
  readonly acknowledgements: (Acknowledgement & { readonly revoker: string })[] = [];
  renewals = 0;
  everybody: readonly Member[] | null = null;

  listen(listener: BusListener): void {
    this.listener = listener;
  }
  start(): Promise<void> {
    return Promise.resolve();
  }
  stop(): Promise<void> {
    return Promise.resolve();
  }
  publish(): void {}
  acknowledge(revoker: string, acknowledgement: Acknowledgement): void {
    this.acknowledgements.push({ revoker, ...acknowledgement });
  }
  members(): Promise<readonly Member[] | null> {
    return Promise.resolve(this.everybody);
  }
  renew(): void {
    this.renewals += 1;
  }
}

class RecordingReplica implements Replica {
  readonly applied: string[] = [];
  jumps = 0;
  remembered: string[] = [];

  apply({ ids }: LogEntry): void {
    this.applied.push(...ids);
  }
  jump(): void {
    this.jumps += 1;
  }
  revokedLately(): readonly string[] {
    return this.remembered;
  }
}

/** A worker with everything around it scripted; times pass when they are told to. */
export class FollowerScene implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly log = new ScriptedLog();
  readonly bus = new ScriptedBus();
  readonly replica = new RecordingReplica();
  readonly reminded: string[] = [];
  readonly follower: Follower;

  constructor(times: Partial<FollowerTimes> = {}) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    this.follower = new Follower({
      worker: 'self',
      log: this.log,
      bus: this.bus,
      table: this.log,
      times: { stalenessMs: 1_000, pollIntervalMs: 200, settleMs: 500, ...times },
      clock: this.clock,
    });
    this.follower.lead(this.replica, (keys) => {
      this.reminded.push(...keys);
      return Promise.resolve('reminded');
    });
  }

  /** Everything that can happen without time passing has happened. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn += 1) await new Promise<void>((go) => setImmediate(go));
  }

  async start(): Promise<void> {
    await this.follower.start();
    await this.settle();
  }

  /** In steps, so that everything is done when it is due. */
  async pass(ms: number, stepMs = 10): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      const step = Math.min(stepMs, left);
      this.clock.advance(step);
      await vi.advanceTimersByTimeAsync(step);
      await this.settle();
    }
  }

  commit(entries: readonly LogEntry[], others: readonly Member[], unknownBoundMs = 0): Commit {
    const members = [{ worker: 'self', boundMs: 1_000 }, ...others];
    return { entries, members, unknownBoundMs, isReplicated: null };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.log.release();
    await this.follower.stop();
    vi.useRealTimers();
  }
}
