import type { SocketConstructorOpts } from 'node:net';
import { LentSocket } from './lent-socket.ts';
import { ReadBuffer } from './read-buffer.ts';
import { deliver, deliverRest, type Delivery } from './socket-taker.ts';

/** What all connections in clear text read into: a read and its call are one turn, and whoever keeps octets copies them. */
const READ = new ReadBuffer();

/**
 * Node gives every read of an accepted connection 64 KiB of its own, to be freed by a collection, and lets only sockets
 * that one opens oneself read into one and the same buffer (`onread`). So the connection changes over to such a socket,
 * in the way in which Node's own server makes its sockets, before anything is read of it. `_handle` and `handle` are no
 * public interface: where they are not what they used to be, the socket stays the one that it is.
 *
 * `accepted` is paused, and nobody has listened to it.
 */
export const deliverLent: Delivery = (accepted, to) => {
  const handle: unknown = Reflect.get(accepted, '_handle');
  if (!isReadable(handle)) {
    deliver(accepted, to);
    return accepted.resume();
  }
  // The types know of no such handle.
  const options = { handle, allowHalfOpen: true } as object as SocketConstructorOpts;
  // The server counts it as gone; its connections are counted elsewhere.
  Reflect.set(accepted, '_handle', null);
  accepted.destroy();
  const socket = new LentSocket(READ, options, (bytes, start, end) =>
    to.taker.received(bytes, start, end),
  );
  return deliverRest(socket, to);
};

function isReadable(handle: unknown): handle is object {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    typeof Reflect.get(handle, 'useUserBuffer') === 'function'
  );
}
