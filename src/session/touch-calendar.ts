import { dropped, ended, scheduled } from './cached-session.ts';
import type { CachedSession } from './cached-session.ts';
import type { SessionStore } from './session-store.ts';

const batchMax = 1_000;
const flushIntervalMsMax = 1_000;

/** What is due in one flush: sessions, and for each when the store believes that it was last seen. */
interface Page {
  readonly entries: CachedSession[];
  readonly knownSeenMs: number[];
}

export interface TouchCalendarParts {
  readonly store: Pick<SessionStore, 'touch'>;
  readonly touchIntervalMs: number;
  readonly onGone: (key: string) => void;
  readonly onRevoked: (keys: readonly string[]) => void;
}

/**
 * Tells the store when sessions were last seen: behind the requests, in batches, each session at most once per touch
 * interval, and also the last time before a session fell silent, so that an idle timeout is counted from there by
 * everybody. Every session in use stands on one page, one interval after its last writing; seeing it costs nothing.
 */
export class TouchCalendar {
  readonly flushIntervalMs: number;
  readonly #parts: TouchCalendarParts;
  readonly #pages = new Map<number, Page>();
  /** To be written with the next flush, whatever the calendar says. */
  #urgent: CachedSession[] = [];
  #flushing: Promise<void> = Promise.resolve();
  #flushesUnderWay = 0;

  constructor(parts: TouchCalendarParts) {
    this.#parts = parts;
    this.flushIntervalMs = Math.max(
      1,
      Math.min(flushIntervalMsMax, Math.floor(parts.touchIntervalMs / 4)),
    );
  }

  /** Whether the store has yet to hear what is known here. */
  get isBehind(): boolean {
    return this.#urgent.length > 0 || this.#flushesUnderWay > 0;
  }

  /** A session that was read just now, with what the store said. */
  schedule(entry: CachedSession, knownSeenMs: number, nowMs: number): void {
    if ((entry.flags & scheduled) !== 0) return;
    const dueMs = knownSeenMs + this.#parts.touchIntervalMs;
    if (dueMs <= nowMs) this.see(entry);
    else this.#enter(entry, knownSeenMs, dueMs);
  }

  /** A session that was silent for an interval and is seen again. */
  see(entry: CachedSession): void {
    if ((entry.flags & scheduled) !== 0) return;
    entry.flags |= scheduled;
    this.#urgent.push(entry);
  }

  /** A session that leaves the cache: who reads it next must find when it was seen. */
  hurry(entry: CachedSession): void {
    this.#urgent.push(entry);
  }

  /** What is due; with `everything` also what is not. One flush at a time, in the order they were asked for. */
  flush(nowMs: number, everything = false): Promise<void> {
    this.#flushesUnderWay += 1;
    this.#flushing = this.#flushing
      .then(() => this.#write(this.#take(everything ? Infinity : nowMs), nowMs))
      .finally(() => {
        this.#flushesUnderWay -= 1;
      });
    return this.#flushing;
  }

  #take(untilMs: number): CachedSession[] {
    const due = this.#urgent;
    this.#urgent = [];
    const last = Math.floor(untilMs / this.flushIntervalMs);
    for (const [number, page] of this.#pages) {
      if (number > last) continue;
      this.#pages.delete(number);
      page.entries.forEach((entry, index) => {
        if (entry.lastSeenAtMs > (page.knownSeenMs[index] ?? -Infinity)) due.push(entry);
        else entry.flags &= ~scheduled;
      });
    }
    return due.filter((entry) => (entry.flags & ended) === 0);
  }

  async #write(due: readonly CachedSession[], nowMs: number): Promise<void> {
    for (let start = 0; start < due.length; start += batchMax) {
      const batch = due.slice(start, start + batchMax);
      const touches = batch.map(({ key, lastSeenAtMs }) => ({ key, lastSeenAtMs }));
      const answer = await this.#parts.store.touch(touches);
      if (answer.kind === 'unavailable') {
        this.#urgent = this.#urgent.concat(due.slice(start));
        return;
      }
      if (answer.revoked.length > 0) this.#parts.onRevoked(answer.revoked);
      for (const key of answer.gone) this.#parts.onGone(key);
      batch.forEach((entry, index) => {
        entry.flags &= ~scheduled;
        const writtenMs = touches[index]?.lastSeenAtMs;
        if (writtenMs === undefined || (entry.flags & (dropped | ended)) !== 0) return;
        this.#enter(entry, writtenMs, nowMs + this.#parts.touchIntervalMs);
      });
    }
  }

  #enter(entry: CachedSession, knownSeenMs: number, dueMs: number): void {
    entry.flags |= scheduled;
    const number = Math.ceil(dueMs / this.flushIntervalMs);
    let page = this.#pages.get(number);
    if (page === undefined) {
      page = { entries: [], knownSeenMs: [] };
      this.#pages.set(number, page);
    }
    page.entries.push(entry);
    page.knownSeenMs.push(knownSeenMs);
  }
}
