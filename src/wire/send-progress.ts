import type { Socket } from 'node:net';

/** What has to leave between two looks, in octets: as much as makes a socket call itself full. */
const MOVED_BYTES_MIN = 65_536;

/**
 * Whether a peer takes something of what waits for it. A socket says when all of it has left, which may be a quarter of a
 * mebibyte: whoever is slow would be taken for one that stands still.
 */
export class SendProgress {
  readonly #socket: Socket;
  #waiting = 0;
  #queued = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** What waits now is what the next look compares with. */
  begin(): void {
    this.#waiting = this.#socket.writableLength;
    // Of what waits, the part that the system was offered: it takes of that bit by bit. No public interface, like the handle.
    const queued: unknown = Reflect.get(
      Object(Reflect.get(this.#socket, '_handle')),
      'writeQueueSize',
    );
    this.#queued = typeof queued === 'number' ? queued : 0;
  }

  /** Whether enough has left since the last look; this is the next one. */
  hasMoved(): boolean {
    const [waiting, queued] = [this.#waiting, this.#queued];
    this.begin();
    return waiting - this.#waiting >= MOVED_BYTES_MIN || queued - this.#queued >= MOVED_BYTES_MIN;
  }
}
