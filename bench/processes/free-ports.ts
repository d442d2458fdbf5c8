import { once } from 'node:events';
import net from 'node:net';

/** Ports of the loopback address that nobody listens on, all different. For those who cannot be given port 0. */
export async function freePorts(count: number): Promise<number[]> {
  const listeners = Array.from({ length: count }, () => net.createServer());
  try {
    await Promise.all(
      listeners.map((listener) => {
        listener.listen({ port: 0, host: '127.0.0.1' });
        return once(listener, 'listening');
      }),
    );
    return listeners.map((listener) => {
      const address = listener.address();
      if (address === null || typeof address === 'string') throw new Error('no port was given');
      return address.port;
    });
  } finally {
    for (const listener of listeners) listener.close();
  }
}
