import net from 'node:net';

const headEnd = Buffer.from('\r\n\r\n');
const body = 'Hello from an upstream';
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
);
const mirrorStarts = [Buffer.from('GET /api/mirror '), Buffer.from('POST /api/mirror ')];

function bulk(octets: number): Buffer {
  const head =
    'HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n' +
    `Content-Length: ${octets}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(octets, 'x')]);
}

const bulks: readonly (readonly [Buffer, Buffer])[] = [
  [Buffer.from('GET /api/mebibyte '), bulk(1_048_576)],
  [Buffer.from('GET /api/64k '), bulk(65_536)],
];

/** The head itself, and behind it how long the body was. */
function mirror(head: Buffer, bodyBytes: number): Buffer {
  const text = Buffer.concat([
    head.subarray(0, -2),
    Buffer.from(`X-Body-Bytes: ${bodyBytes}\r\n\r\n`),
  ]);
  return Buffer.concat([
    Buffer.from(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${text.length}\r\n\r\n`,
    ),
    text,
  ]);
}

const noBody = 0;
const chunked = -1;

/** Of a body: its octets, or that it comes in chunks. */
function lengthIn(head: Buffer): number {
  // GET has none here; every other head is worth a look.
  if (head[0] === 0x47) return noBody;
  const text = head.toString('latin1');
  if (/\r\ntransfer-encoding: *chunked/i.test(text)) return chunked;
  return Number(/\r\ncontent-length: *(\d+)/i.exec(text)?.[1] ?? 0);
}

/** Where a chunked body ends in these bytes, and how long it is; null: not yet. Trailer fields are not expected. */
function chunkedBody(bytes: Buffer): { readonly next: number; readonly octets: number } | null {
  let [at, octets] = [0, 0];
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    at = lineEnd + 2 + size + 2;
    if (at > bytes.length) return null;
    octets += size;
    if (size === 0) return { next: at, octets };
  }
}

function answerTo(head: Buffer, bodyBytes: number): Buffer {
  for (const [start, whole] of bulks) if (head.indexOf(start) === 0) return whole;
  return mirrorStarts.some((start) => head.indexOf(start) === 0) ? mirror(head, bodyBytes) : answer;
}

/** What is left of one connection's bytes, and where it stands in them. */
class Conversation {
  readonly #socket: net.Socket;
  #rest: Buffer | null = null;
  /** A head that was read, whose body is not all there. */
  #head: Buffer | null = null;
  #bodyBytes = 0;
  #missing = 0;

  constructor(socket: net.Socket) {
    this.#socket = socket;
  }

  take(piece: Buffer): void {
    // Bodies of known length are counted and thrown away.
    let bytes = this.#rest === null ? piece : Buffer.concat([this.#rest, piece]);
    this.#rest = null;
    while (bytes.length > 0) {
      const used = this.#head === null ? this.#takeHead(bytes) : this.#takeBody(bytes);
      if (used === 0) {
        this.#rest = bytes;
        return;
      }
      bytes = bytes.subarray(used);
    }
  }

  #takeHead(bytes: Buffer): number {
    const end = bytes.indexOf(headEnd);
    if (end < 0) return 0;
    const head = bytes.subarray(0, end + headEnd.length);
    const length = lengthIn(head);
    if (length === noBody) {
      this.#socket.write(answerTo(head, 0));
    } else {
      this.#head = head;
      this.#bodyBytes = length;
      this.#missing = length;
    }
    return head.length;
  }

  #takeBody(bytes: Buffer): number {
    if (this.#bodyBytes === chunked) {
      const whole = chunkedBody(bytes);
      if (whole !== null) this.#answer(whole.octets);
      return whole?.next ?? 0;
    }
    const used = Math.min(bytes.length, this.#missing);
    this.#missing -= used;
    if (this.#missing === 0) this.#answer(this.#bodyBytes);
    return used;
  }

  #answer(bodyBytes: number): void {
    if (this.#head !== null) this.#socket.write(answerTo(this.#head, bodyBytes));
    this.#head = null;
  }
}

/**
 * An upstream that costs next to nothing: every request gets the same few bytes when it is all there, no matter what it
 * says. `/api/mirror` gets the head itself back, for the checks before the timing; `/api/64k` and `/api/mebibyte` get so
 * many octets.
 */
export function serveUpstream(port: number): net.Server {
  const server = net.createServer({ noDelay: true }, (socket) => {
    const conversation = new Conversation(socket);
    socket.on('data', (piece) => {
      // No encoding is set: always bytes.
      if (typeof piece !== 'string') conversation.take(piece);
    });
    socket.on('error', () => socket.destroy());
  });
  return server.listen({ port, host: '127.0.0.1', backlog: 4096 });
}
