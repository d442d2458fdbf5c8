import { Duplex } from 'node:stream';
import type { ClientRequest } from 'node:http';

/** Who stands behind a port. */
export interface UpgradePortOwner {
  /** The request to the upstream exists and has not been sent. */
  requested(request: ClientRequest): void;
  /** Text of a head, or octets, from the upstream; `done` asks for the next piece. */
  written(piece: Buffer | string, done: () => void): void;
  /** The upstream will send no more. */
  upstreamEnded(): void;
  /** Room for more of what the client sends. */
  wanted(): void;
}

type Done = (error?: Error | null) => void;

/**
 * What the proxy library is given for the client's socket, so that nothing reaches either side unseen: what it writes
 * is judged before the client gets it, and what it reads is what the client may send by then.
 */
export class UpgradePort extends Duplex {
  readonly owner: UpgradePortOwner;

  constructor(owner: UpgradePortOwner) {
    // A head is latin1 text; encoded as UTF-8 on its way it would change.
    super({ decodeStrings: false });
    this.owner = owner;
    this.on('error', () => {}); // whoever destroys it knows why
  }

  override _read(): void {
    this.owner.wanted();
  }

  override _write(piece: Buffer | string, _encoding: BufferEncoding, done: Done): void {
    this.owner.written(piece, done);
  }

  override _final(done: Done): void {
    this.owner.upstreamEnded();
    done();
  }

  // ── What else is asked of a socket ────────────────────────────────────────────────────────────────────────────────

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  setTimeout(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }
}
