import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { switching } from '../web-socket.ts';

/** Says `ok` to every request and yes to every WebSocket, which it keeps; gives its port. */
export async function startUpstream(stack: AsyncDisposableStack): Promise<number> {
  const server = createServer((_, response) => response.end('ok'));
  const streams = new Set<Duplex>();
  server.on('upgrade', (request, socket: Duplex) => {
    streams.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.destroy());
    socket.on('close', () => streams.delete(socket));
    socket.resume();
    socket.write(switching(request.headers['sec-websocket-key']));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    for (const socket of streams) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
