import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** Takes connections at a port and answers whatever comes with what means nothing. */
export async function garbageServer(port: number): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // whoever asked has left
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', () => socket.write('\x07\xff\x00 nothing of the kind\r\n'.repeat(20)));
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
