import type { Socket } from 'node:net';
import type { CutReason } from './cut-reason.ts';

/** Who gets what happens on a client's socket: the connection itself, or the upgrade that it turned into. */
export interface SocketTaker {
  received(bytes: Buffer): void;
  drained(): void;
  clientEnded(): void;
  clientClosed(): void;
  /** The gateway wants it over. */
  cut(reason: CutReason): void;
}

/** Hands every event to whoever takes it at that time. */
export function deliver(socket: Socket, to: { readonly taker: SocketTaker }): void {
  socket
    .on('data', (bytes: Buffer) => to.taker.received(bytes))
    .on('drain', () => to.taker.drained())
    .on('end', () => to.taker.clientEnded())
    .on('error', () => {}) // 'close' follows, and says all that matters
    .on('close', () => to.taker.clientClosed());
}
