import type { Socket } from 'node:net';

/** Closes the connection as soon as it is there; rejects with what came first instead. */
export async function untilConnected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
): Promise<void> {
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error('no connection in time')), timeoutMs);
  socket
    .on('error', reject)
    .once('close', () => reject(new Error('closed')))
    .once(event, resolve);
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}
