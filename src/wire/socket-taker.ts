import type { Socket } from 'node:net';
import type { CutReason } from './cut-reason.ts';

/** Who gets what happens on a client's socket: the connection itself, or the upgrade that it turned into. */
export interface SocketTaker {
  /** `bytes[start, end)` are lent for the call, and what is before them. */
  received(bytes: Buffer, start: number, end: number): void;
  drained(): void;
  clientEnded(): void;
  clientClosed(): void;
  /** The gateway wants it over. */
  cut(reason: CutReason): void;
}

/** Has what happens on an accepted socket told; the socket to be used from then on. */
export type Delivery = (accepted: Socket, to: { readonly taker: SocketTaker }) => Socket;

/** Hands every event to whoever takes it at that time. */
export const deliver: Delivery = (socket, to) => {
  socket.on('data', (bytes: Buffer) => to.taker.received(bytes, 0, bytes.length));
  return deliverRest(socket, to);
};

/** All but what is read. */
export function deliverRest(socket: Socket, to: { readonly taker: SocketTaker }): Socket {
  return socket
    .on('drain', () => to.taker.drained())
    .on('end', () => to.taker.clientEnded())
    .on('error', () => {}) // 'close' follows, and says all that matters
    .on('close', () => to.taker.clientClosed());
}
