import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { connect as connectSecurely } from 'node:tls';
import { headerBlock } from './header-block.ts';
import { HeaderSwap } from './header-swap.ts';
import { readBody, valuesOf, type FieldLines } from './http-reader.ts';
import type { RawResponse } from './raw-client.ts';
import { within } from './wait-for.ts';

/** How a request on HTTP/2 ended: an answer, or a code without one. */
export interface TranslatedAnswer {
  /** Null: the stream or the connection was ended without one. */
  readonly response: RawResponse | null;
  /** The code that the stream was closed with. */
  readonly code: number;
}

/**
 * Sends on HTTP/2 what a test has written down as the bytes of an HTTP/1.1 request: the first Host is `:authority`, names
 * are in lower case, chunks become frames. Nothing else is changed, least of all what is wrong with it.
 */
export class TranslatedClient implements AsyncDisposable {
  readonly #session: ClientHttp2Session;
  readonly #swap: HeaderSwap;
  /** The code of a GOAWAY, once one has come. */
  goaway: number | null = null;

  private constructor(session: ClientHttp2Session, swap: HeaderSwap) {
    this.#session = session;
    this.#swap = swap;
    session
      .on('error', () => {})
      .on('goaway', (code) => {
        this.goaway = code;
      });
  }

  static async connect(port: number): Promise<TranslatedClient> {
    const socket = connectSecurely({
      host: '127.0.0.1',
      port,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: false,
    });
    await within('the handshake', once(socket, 'secureConnect'));
    const swap = new HeaderSwap(socket);
    const session = connect('https://edge.example', {
      createConnection: () => swap,
      maxHeaderListPairs: 2_000,
    });
    const client = new TranslatedClient(session, swap);
    await within('an HTTP/2 connection', once(session, 'remoteSettings'));
    return client;
  }

  get isClosed(): boolean {
    return this.#session.destroyed;
  }

  async ask(bytes: string | Buffer): Promise<TranslatedAnswer> {
    return await this.send(translated(bytes));
  }

  /** These fields, pseudo-header fields among them, in this order. */
  async send({ fields, body = null, trailers = [] }: Http2Request): Promise<TranslatedAnswer> {
    this.#swap.next(headerBlock(fields));
    if (trailers.length > 0) this.#swap.next(headerBlock(trailers));
    // Who asked for a head only is told a length without octets: the client has to know that much.
    const isHead = fields.some(([name, value]) => name === ':method' && value === 'HEAD');
    const method = isHead ? 'HEAD' : 'GET';
    const stream = this.#session.request(
      { ':method': method },
      { endStream: body === null, waitForTrailers: trailers.length > 0 },
    );
    let status = 0;
    let answered: FieldLines = [];
    let trailing: FieldLines = [];
    const pieces: Buffer[] = [];
    stream.on('error', () => {}).on('wantTrailers', () => stream.sendTrailers({ x: 'swapped' }));
    stream.on('response', (head, _flags, raw: readonly string[]) => {
      status = head[':status'] ?? 0;
      answered = pairs(raw);
    });
    stream.on('trailers', (_head, _flags, raw: readonly string[]) => {
      trailing = pairs(raw);
    });
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    if (body !== null) stream.end(body);
    await within('an answer on HTTP/2', closed, 10_000);
    const code = stream.rstCode ?? 0;
    if (status === 0) return { response: null, code };
    return { response: asRead(status, answered, trailing, Buffer.concat(pieces)), code };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#session.destroy();
    return Promise.resolve();
  }
}

export interface Http2Request {
  readonly fields: FieldLines;
  /** Null: the stream ends with the head. */
  readonly body?: Buffer | null;
  readonly trailers?: FieldLines;
}

function translated(bytes: string | Buffer): Http2Request {
  const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  const end = all.indexOf('\r\n\r\n');
  const [first = '', ...lines] = all.toString('latin1', 0, end).split('\r\n');
  const sent = all.subarray(end + 4);
  const from = first.indexOf(' ');
  const to = first.lastIndexOf(' ');
  const fields = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const named = fields.filter(([name]) => name === 'host');
  const [authority] = named.length === 1 ? named : [];
  const rest = fields.filter((field) => field !== authority);
  const isChunked = rest.some(
    ([name, value]) => name === 'transfer-encoding' && value === 'chunked',
  );
  const coded = isChunked ? readBody(sent, 'chunked', [], false) : null;
  return {
    fields: [
      [':method', first.slice(0, from)],
      [':scheme', 'https'],
      ...(authority === undefined ? [] : [[':authority', authority[1]] as const]),
      [':path', first.slice(from + 1, to)],
      ...rest.filter(([name]) => coded === null || name !== 'transfer-encoding'),
    ],
    body: coded === null ? (sent.length === 0 ? null : sent) : Buffer.from(coded.body),
    trailers: (coded?.trailers ?? []).map(([name, value]) => [name.toLowerCase(), value]),
  };
}

function pairs(raw: readonly string[]): FieldLines {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []));
}

function asRead(
  status: number,
  answered: FieldLines,
  trailers: FieldLines,
  body: Buffer,
): RawResponse {
  const fields = answered.filter(([name]) => !name.startsWith(':'));
  return {
    version: 'HTTP/2',
    status,
    reason: '',
    informational: [],
    startLine: `HTTP/2 ${String(status)}`,
    fields,
    framing: 'none',
    trailers,
    body,
    value: (name) => valuesOf(fields, name)[0],
    values: (name) => valuesOf(fields, name),
    text: () => body.toString('utf8'),
  };
}
