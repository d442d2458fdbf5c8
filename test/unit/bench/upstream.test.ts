import { once } from 'node:events';
import net from 'node:net';
import { expect, it } from 'vitest';
import { serveUpstream } from '../../../bench/load/upstream.ts';

/** What comes back for bytes that are sent in these pieces, each when the one before is written. */
async function answersTo(pieces: readonly string[], end: string): Promise<string> {
  const server = serveUpstream(0);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = net.connect({ port: address.port, host: '127.0.0.1' });
  try {
    let text = '';
    socket.setEncoding('latin1');
    const whole = new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.on('data', (piece: string) => {
        text += piece;
        if (text.endsWith(end)) resolve();
      });
    });
    for (const piece of pieces) {
      await new Promise<void>((resolve) => socket.write(piece, 'latin1', () => resolve()));
    }
    await whole;
    return text;
  } finally {
    socket.destroy();
    server.close();
  }
}

it('answers a request when its body is there, whichever way that is framed', async () => {
  const known = 'POST /api/mirror HTTP/1.1\r\nContent-Length: 6\r\n\r\n';
  const chunked = 'POST /api/mirror HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n';
  const get = 'GET /api/hello HTTP/1.1\r\n\r\n';
  const pieces = [known, 'abc', `def${chunked}3\r\nabc\r\n`, `a\r\n0123456789\r\n0\r\n\r\n${get}`];
  const text = await answersTo(pieces, 'Hello from an upstream');
  expect([...text.matchAll(/X-Body-Bytes: (\d+)/g)].map(([, bytes]) => bytes)).toEqual(['6', '13']);
});

it('gives as many octets as it is asked for', async () => {
  const text = await answersTo(['GET /api/64k HTTP/1.1\r\n\r\n'], 'x'.repeat(65_536));
  expect(text).toContain('Content-Length: 65536\r\n');
});
