import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { consumeSlowly } from './consume-slowly.ts';

const piece = Buffer.alloc(64 * 1024, 'x');

/** `/api/bulk/<bytes>` */
function bytesOf(path: string): number {
  return Number(path.split('/')[3]);
}

function download(response: ServerResponse, bytes: number): void {
  response.setHeader('Content-Length', bytes);
  let left = bytes;
  const send = (): void => {
    while (left > 0) {
      const next = left < piece.length ? piece.subarray(0, left) : piece;
      left -= next.length;
      if (!response.write(next)) {
        response.once('drain', send);
        return;
      }
    }
    response.end();
  };
  send();
}

/** Takes what is uploaded and says how much it was; in fits and starts where the query says so. */
async function upload(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isSlow = request.url?.endsWith('?slow') === true;
  const bytes = await consumeSlowly(request, isSlow);
  response.end(String(bytes));
}

/** An upstream for long bodies: GET gets so many bytes, POST is told how many came. */
export function serveBulk(port: number): http.Server {
  const server = http.createServer({ requestTimeout: 0 }, (request, response) => {
    request.on('error', () => {});
    response.on('error', () => {});
    if (request.method === 'GET') download(response, bytesOf(request.url ?? ''));
    else void upload(request, response).catch(() => response.destroy());
  });
  return server.listen(port, '127.0.0.1');
}
