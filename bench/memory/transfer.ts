import { once } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { consumeSlowly } from './consume-slowly.ts';

export interface TransferOptions {
  readonly port: number;
  readonly cookie: string;
  readonly bytes: number;
  /** The receiving end stands still now and then. */
  readonly isSlow: boolean;
}

const piece = Buffer.alloc(64 * 1024, 'x');

function open(method: string, path: string, { port, cookie }: TransferOptions): ClientRequest {
  return http.request({ host: '127.0.0.1', port, method, path, headers: { cookie }, agent: false });
}

async function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response?.statusCode !== 200) throw new Error(`answered ${response?.statusCode}, not 200`);
  return response;
}

function expectBytes(seen: number, expected: number): void {
  if (seen !== expected) throw new Error(`${seen} bytes arrived of ${expected}`);
}

/** Downloads through the gateway with Content-Length and throws the bytes away. */
export async function download(options: TransferOptions): Promise<void> {
  const request = open('GET', `/api/bulk/${options.bytes}`, options);
  request.end();
  const response = await answerOf(request);
  expectBytes(await consumeSlowly(response, options.isSlow), options.bytes);
}

/** Uploads through the gateway in chunks, as fast as they are taken. */
export async function upload(options: TransferOptions): Promise<void> {
  const request = open('POST', `/api/bulk${options.isSlow ? '?slow' : ''}`, options);
  const answer = answerOf(request);
  // Its failure is seen below; until then nobody waits for it.
  answer.catch(() => {});
  let left = options.bytes;
  while (left > 0) {
    const next = left < piece.length ? piece.subarray(0, left) : piece;
    left -= next.length;
    if (!request.write(next)) await Promise.race([once(request, 'drain'), answer]);
  }
  request.end();
  expectBytes(Number(await text(await answer)), options.bytes);
}
