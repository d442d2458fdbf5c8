import { connect, type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
import { within } from './wait-for.ts';

/** One answer, read to its end. */
export interface Http2Answer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The code that the stream was closed with; 0 for a regular end. */
  readonly code: number;
}

/** A client of HTTP/2 that trusts any certificate: what is tested is what comes after the handshake. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  /** The code of a GOAWAY, once one has come. */
  goaway: number | null = null;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
    session.on('error', () => {});
    session.on('goaway', (code) => {
      this.goaway = code;
    });
  }

  static async connect(port: number): Promise<Http2Client> {
    const session = connect(`https://localhost:${String(port)}`, { rejectUnauthorized: false });
    await within(
      'an HTTP/2 connection',
      new Promise((resolve) => session.once('connect', resolve)),
    );
    return new Http2Client(session);
  }

  async ask(fields: OutgoingHttpHeaders, body?: Buffer): Promise<Http2Answer> {
    const stream = this.session.request(fields, { endStream: body === undefined });
    const pieces: Buffer[] = [];
    let status = 0;
    let answer: Http2Answer['fields'] = {};
    stream.on('response', (head) => {
      status = Number(head[':status']);
      answer = head;
    });
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.on('error', () => {});
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()));
    if (body !== undefined) stream.end(body);
    await within('an answer on HTTP/2', closed);
    return { status, fields: answer, body: Buffer.concat(pieces), code: stream.rstCode };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy();
    return Promise.resolve();
  }
}
