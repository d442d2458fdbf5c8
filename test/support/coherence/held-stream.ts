import { connect } from 'node:net';
import { handshakeLines } from '../web-socket.ts';

/** A WebSocket that is opened and then only kept, until the other side or `close` ends it. What came of it is not looked at. */
export function holdStream(port: number, cookie: string): { close(): void } {
  const authority = `127.0.0.1:${String(port)}`;
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy());
  socket.resume();
  const lines = [`Host: ${authority}`, `Origin: http://${authority}`, `Cookie: ${cookie}`];
  socket.write(['GET /stream HTTP/1.1', ...lines, ...handshakeLines, '', ''].join('\r\n'));
  return { close: () => void socket.destroy() };
}
