import { createServer } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { RequestReading } from './reading.ts';

/** A connection without a network: what is pushed was sent by the client, what is written is dropped. */
class Wire extends Duplex {
  override _read(): void {}

  override _write(_bytes: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
}

/** Turns of the event loop after which no request will appear any more. */
const TURNS_MAX = 50;

/** What a server of `node:http`, strict as it comes, makes of the bytes; waits for no more than `count` whole requests. */
export async function readByServer(bytes: Buffer, count: number): Promise<RequestReading[]> {
  const requests: RequestReading[] = [];
  let whole = 0;
  const options = { insecureHTTPParser: false, requireHostHeader: true, maxHeaderSize: 1 << 20 };
  const server = createServer(options, (request, response) => {
    const reading: RequestReading = {
      method: request.method ?? '',
      target: request.url ?? '',
      version: request.httpVersion,
      fields: request.rawHeaders,
      body: '',
      isWhole: false,
    };
    requests.push(reading);
    request.on('data', (piece: Buffer) => {
      reading.body += piece.toString('latin1');
    });
    request.on('end', () => {
      reading.isWhole = true;
      whole++;
      response.end();
    });
    request.on('error', () => {}); // broken off in the middle: it stays as far as it came
  });
  server.maxHeadersCount = 0;
  server.on('clientError', () => {}); // a broken second request must not take the first one away
  const wire = new Wire();
  server.emit('connection', wire);
  wire.push(bytes);
  for (let turn = 0; turn < TURNS_MAX && whole < count && !wire.destroyed; turn++)
    await setImmediate();
  wire.destroy();
  return requests;
}
