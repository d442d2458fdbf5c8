import net from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const mirrorStart = Buffer.from('GET /api/mirror ');
const mebibyteStart = Buffer.from('GET /api/mebibyte ');
const body = 'Hello from an upstream';
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);

const mebibyte = Buffer.concat([
  Buffer.from(
    'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1048576\r\n\r\n',
  ),
  Buffer.alloc(1_048_576, 'x'),
]);

function mirror(head: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${head.length}\r\n\r\n`,
    ),
    head,
  ]);
}

/**
 * An upstream that costs next to nothing: every head gets the same few bytes, no matter what it says. It reads no
 * bodies. `GET /api/mirror` gets the head itself back, for the checks before the timing; `GET /api/mebibyte` gets that.
 */
export function serveUpstream(port: number): net.Server {
  const server = net.createServer({ noDelay: true }, (socket) => {
    let rest: Buffer | null = null;
    socket.on('data', (piece) => {
      if (typeof piece === 'string') return; // No encoding is set: always bytes.
      let bytes: Buffer = rest === null ? piece : Buffer.concat([rest, piece]);
      for (;;) {
        const end = bytes.indexOf(headEnd);
        if (end < 0) break;
        const head = bytes.subarray(0, end + headEnd.length);
        if (head.indexOf(mebibyteStart) === 0) socket.write(mebibyte);
        else socket.write(head.indexOf(mirrorStart) === 0 ? mirror(head) : answer);
        bytes = bytes.subarray(end + headEnd.length);
        if (bytes.length === 0) break;
      }
      rest = bytes.length === 0 ? null : bytes;
    });
    socket.on('error', () => socket.destroy());
  });
  return server.listen({ port, host: '127.0.0.1', backlog: 4096 });
}
