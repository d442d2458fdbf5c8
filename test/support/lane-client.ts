import { connect, constants, type ClientHttp2Session } from 'node:http2';
import { request as requestClear, type RequestOptions } from 'node:http';
import { request as requestSecurely } from 'node:https';
import type { Writable } from 'node:stream';
import { within } from './wait-for.ts';

export const lanes = ['HTTP/1.1', 'HTTP/1.1 over TLS', 'HTTP/2'] as const;
export type LaneName = (typeof lanes)[number];

export interface LaneQuestion {
  readonly port: number;
  readonly method: string;
  readonly path: string;
  /** Names in lower case. A length, where the body has one. */
  readonly fields: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
}

export interface LaneAnswer {
  readonly status: number;
  /** In their order, names in lower case; repeated ones beside each other. */
  readonly fields: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** A request that is under way and that the client gives up. */
export interface Abandonable {
  /** The answer has begun. */
  readonly begun: Promise<void>;
  abandon(): void;
}

/** Whoever speaks one of the lanes, by the client that Node has for it. Trusts any certificate. */
export class LaneClient implements AsyncDisposable {
  readonly #name: LaneName;
  readonly #sessions = new Map<number, Promise<ClientHttp2Session>>();

  constructor(name: LaneName) {
    this.#name = name;
  }

  /** Asks, and reads the whole answer. */
  async ask(question: LaneQuestion): Promise<LaneAnswer> {
    const asking = this.#name === 'HTTP/2' ? this.#askHttp2(question) : this.#askHttp1(question);
    return await within(`an answer on ${this.#name}`, asking, 20_000);
  }

  /** Asks, sends what there is of the body without its end, and reads nothing. */
  async begin(question: LaneQuestion): Promise<Abandonable> {
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    if (this.#name === 'HTTP/2') {
      const stream = (await this.#session(question.port)).request(pseudo(question), {
        endStream: question.body === null,
      });
      stream.on('error', () => {}).once('response', () => resolve());
      sendPart(stream, question.body);
      return { begun, abandon: () => stream.close(constants.NGHTTP2_CANCEL) };
    }
    const sending = this.#request(question);
    sending.on('error', () => {}).once('response', () => resolve());
    if (question.body === null) sending.end();
    else sendPart(sending, question.body);
    return { begun, abandon: () => sending.destroy() };
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions.values()) void session.then((one) => one.destroy());
    return Promise.resolve();
  }

  #request({ port, method, path, fields }: LaneQuestion): ReturnType<typeof requestClear> {
    const options: RequestOptions = { host: '127.0.0.1', port, method, path, headers: fields };
    return this.#name === 'HTTP/1.1'
      ? requestClear({ ...options, agent: false })
      : requestSecurely({ ...options, agent: false, rejectUnauthorized: false });
  }

  async #askHttp1(question: LaneQuestion): Promise<LaneAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<LaneAnswer>();
    const sending = this.#request(question);
    sending.on('error', reject).on('response', (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
      answer.on('end', () => {
        const { rawHeaders, statusCode = 0 } = answer;
        resolve({ status: statusCode, fields: pairs(rawHeaders), body: Buffer.concat(pieces) });
      });
    });
    if (question.body === null) sending.end();
    else sending.end(question.body);
    return await promise;
  }

  async #askHttp2(question: LaneQuestion): Promise<LaneAnswer> {
    const session = await this.#session(question.port);
    const { promise, resolve, reject } = Promise.withResolvers<LaneAnswer>();
    const stream = session.request(pseudo(question), { endStream: question.body === null });
    const pieces: Buffer[] = [];
    let status = 0;
    let fields: LaneAnswer['fields'] = [];
    stream.on('response', (head, _flags, raw: readonly string[]) => {
      status = head[':status'] ?? 0;
      fields = pairs(raw).filter(([name]) => !name.startsWith(':'));
    });
    stream.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
    stream.on('close', () => resolve({ status, fields, body: Buffer.concat(pieces) }));
    if (question.body !== null) stream.end(question.body);
    return await promise;
  }

  async #session(port: number): Promise<ClientHttp2Session> {
    const known = this.#sessions.get(port);
    if (known !== undefined) return await known;
    const { promise, resolve } = Promise.withResolvers<ClientHttp2Session>();
    const session = connect(`https://127.0.0.1:${String(port)}`, { rejectUnauthorized: false });
    session.on('error', () => {}).once('connect', () => resolve(session));
    this.#sessions.set(port, promise);
    return await within('an HTTP/2 connection', promise);
  }
}

function pairs(raw: readonly string[]): (readonly [string, string])[] {
  return raw.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? ''] as const] : [],
  );
}

function pseudo({ method, path, fields }: LaneQuestion): Record<string, string> {
  return { ':method': method, ':path': path, ...fields };
}

function sendPart(stream: Writable, body: Buffer | null): void {
  if (body !== null) stream.write(body);
}
