import type { LogEntry } from '../session/log-entry.ts';
import { listOf, memberRowsOf, numberOf, textOf, textsOf } from '../session/redis-answers.ts';
import { openEntry } from '../session/redis-entry.ts';
import { RedisRefused } from '../session/redis-link.ts';
import type { RedisStore } from '../session/redis-store.ts';
import type { JumpReason, MemberRow, MemberTable } from './revocation-log.ts';
import type { PollAnswer, PollQuestion, RevocationLog } from './revocation-log.ts';
import { entriesPerPollMax } from './revocation-log.ts';

/** A log that ends so much earlier has not lost its tail in a fail-over: somebody has restored a backup. */
const restoredEntries = 1_000;

/** The log as a stream in Redis, and the table of members beside it. */
export class RedisRevocationLog implements RevocationLog, MemberTable {
  readonly #store: RedisStore;
  /** Entries and messages that no gateway had signed. */
  forged = 0;

  constructor(store: RedisStore) {
    this.#store = store;
  }

  get isConnected(): boolean {
    return this.#store.polls.runId !== null;
  }

  giveUp(): void {
    this.#store.polls.drop(new RedisRefused('a poll was not answered'));
  }

  async poll(question: PollQuestion): Promise<PollAnswer> {
    const { boundMs, position, sequence, worker } = question;
    const { polls } = this.#store;
    const { clock } = this.#store.parts;
    const { runId } = polls;
    const at = position === null ? [-1, ''] : [position.number, position.tag];
    const args = [worker, sequence, boundMs, ...at, entriesPerPollMax, this.#store.epoch];
    const sentAtMs = clock.monotonic();
    try {
      // It may be late: whoever asked knows how old it is, and gives up in time.
      const answer = await this.#store.poll(args, 10 * boundMs);
      const [kind, serverNow, age, isNew, end, tag, rows, number] = answer;
      const named = { runId, epoch: numberOf(number) };
      this.#store.polled(named, numberOf(serverNow), sentAtMs, clock.monotonic());
      // The same process may come back with another past.
      const id = `${runId ?? ''} ${String(named.epoch)}`;
      const epoch = { id, ageMs: numberOf(age), isNew: isNew === '1' };
      const last = { number: numberOf(end), tag: textOf(tag) };
      const jumped = (reason: JumpReason): PollAnswer => {
        return { kind: 'jumped', reason, end: last, epoch };
      };
      if (kind !== 'followed') {
        if (position === null) return jumped('first');
        if (last.number + restoredEntries < position.number) return jumped('behind');
        return jumped(last.number < position.number ? 'lost' : 'trimmed');
      }
      const entries: LogEntry[] = [];
      for (const row of listOf(rows)) {
        const entry = this.#entryOf(listOf(row));
        if (entry === null) return jumped('forged');
        entries.push(entry);
      }
      const reached = entries.at(-1)?.number ?? position?.number ?? 0;
      return { kind: 'followed', entries, isAtEnd: reached >= last.number, epoch };
    } catch (error) {
      this.#store.report(error);
      const isRefused = error instanceof RedisRefused;
      return { kind: 'unavailable', reason: isRefused ? 'refused' : 'silent' };
    }
  }

  async rows(): Promise<readonly MemberRow[] | null> {
    try {
      const answer = await this.#store.ask(this.#store.scripts.members, []);
      return memberRowsOf(answer[1]);
    } catch (error) {
      this.#store.report(error);
      return null;
    }
  }

  strike(worker: string, sequence: number): Promise<void> {
    return this.#strike(worker, String(sequence));
  }

  leave(worker: string): Promise<void> {
    return this.#strike(worker, '');
  }

  async #strike(worker: string, sequence: string): Promise<void> {
    try {
      await this.#store.ask(this.#store.scripts.strike, [worker, sequence]);
    } catch (error) {
      this.#store.report(error);
    }
  }

  /** A row of the stream: its id, and field, value, field, value. */
  #entryOf([id, fields]: readonly unknown[]): LogEntry | null {
    const [, tag = '', , payload = '', , signature = ''] = textsOf(fields);
    const number = Number.parseInt(textOf(id), 10);
    const entry = openEntry(this.#store.parts.messages, number, [tag, payload, signature]);
    if (entry === null) this.forged += 1;
    return entry;
  }
}
