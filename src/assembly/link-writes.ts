import type { SessionWrite, SessionWriteAnswer, SessionWrites } from '../session/session-writes.ts';
import { SqliteFailure } from '../session/sqlite-failure.ts';
import { writePatienceOf } from '../session/write-patience.ts';
import type { WorkerSeat } from './worker-seat.ts';

export const writesTopic = 'session.write';
/** So much longer than the writer itself takes to give up; the outcome is unknown then. */
const LONGER_MS = 1_000;

/** The way from a worker to the writer of the session file, which the primary has. */
export class LinkWrites implements SessionWrites {
  readonly #seat: Pick<WorkerSeat, 'ask'>;

  constructor(seat: Pick<WorkerSeat, 'ask'>) {
    this.#seat = seat;
  }

  /** The primary has started its writer before any worker. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  async perform(write: SessionWrite): Promise<SessionWriteAnswer> {
    const waitMs = writePatienceOf(write) + LONGER_MS;
    const answer = await this.#seat.ask(writesTopic, write, waitMs);
    if (answer === null) throw new SqliteFailure('the writer of the session file does not answer');
    return answer as SessionWriteAnswer; // from the other end of this package
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}
