import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answerIn } from '../processes/answer-in.ts';

const READ_BUFFER = Buffer.allocUnsafeSlow(65_536);

/**
 * A kept connection with one request under way at most, for a driver whose own cost is to be small: one buffer for all of
 * them, and no promise for a request. Every answer has a length and comes in whole or in parts.
 */
export class PacedConnection {
  /** When the request under way was due. */
  dueMs = 0;
  readonly #socket: Socket;
  readonly #answered: (connection: PacedConnection, status: number) => void;
  readonly #failed: (error: Error) => void;
  /** What came of an answer that is not whole. */
  #part: Buffer | null = null;

  private constructor(
    port: number,
    answered: (connection: PacedConnection, status: number) => void,
    failed: (error: Error) => void,
  ) {
    this.#answered = answered;
    this.#failed = failed;
    const callback = (length: number): boolean => {
      this.#take(READ_BUFFER.subarray(0, length));
      return true;
    };
    const onread = { buffer: READ_BUFFER, callback };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
    this.#socket
      .on('end', () => failed(new Error('a connection was closed')))
      .on('error', (error) => failed(error));
  }

  static async open(
    port: number,
    answered: (connection: PacedConnection, status: number) => void,
    failed: (error: Error) => void,
  ): Promise<PacedConnection> {
    const connection = new PacedConnection(port, answered, failed);
    await once(connection.#socket, 'connect');
    return connection;
  }

  /** A whole request. */
  ask(request: string, dueMs: number): void {
    this.dueMs = dueMs;
    this.#socket.write(request, 'latin1');
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(lent: Buffer): void {
    const bytes = this.#part === null ? lent : Buffer.concat([this.#part, lent]);
    const answer = answerIn(bytes);
    this.#part = answer === null ? Buffer.from(bytes) : null;
    if (answer === null) return;
    if (bytes.length > answer.end) this.#failed(new Error('an answer was longer than it said'));
    else this.#answered(this, answer.status);
  }
}
