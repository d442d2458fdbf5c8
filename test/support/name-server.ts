import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

const A = 1;
const AAAA = 28;
const SERVER_FAILURE = 2;
const NO_SUCH_NAME = 3;

/** A name server on the loopback, over UDP. What it says may change at any time. */
export class NameServer implements AsyncDisposable {
  /** Addresses by name; a name that is not here does not exist. */
  readonly names = new Map<string, readonly string[]>();
  ttlSeconds = 0;
  mode: 'answers' | 'fails' | 'silent' = 'answers';
  /** The names that were asked for. */
  readonly questions: string[] = [];
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (query, peer) => {
      const answer = this.#answer(query);
      if (answer !== null) socket.send(answer, peer.port, peer.address);
    });
  }

  static async start(names: Readonly<Record<string, readonly string[]>> = {}): Promise<NameServer> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const server = new NameServer(socket);
    for (const [name, addresses] of Object.entries(names)) server.names.set(name, addresses);
    return server;
  }

  get address(): string {
    return `127.0.0.1:${String(this.#socket.address().port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answer(query: Buffer): Buffer | null {
    const { end, name } = readName(query, 12);
    const kind = query.readUInt16BE(end);
    const question = query.subarray(12, end + 4);
    this.questions.push(name);
    if (this.mode === 'silent') return null;
    if (this.mode === 'fails') return message(query, question, SERVER_FAILURE, []);
    const addresses = this.names.get(name);
    if (addresses === undefined) return message(query, question, NO_SUCH_NAME, []);
    const fitting = addresses.filter((address) => (isIPv4(address) ? A : AAAA) === kind);
    const records = fitting.map((address) => this.#record(kind, address));
    return message(query, question, 0, records);
  }

  /** The name is a pointer to the question's. */
  #record(kind: number, address: string): Buffer {
    const octets = isIPv4(address)
      ? Buffer.from(address.split('.').map(Number))
      : octetsOf(address);
    const head = Buffer.alloc(12);
    head.writeUInt16BE(0xc00c, 0);
    head.writeUInt16BE(kind, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt32BE(this.ttlSeconds, 6);
    head.writeUInt16BE(octets.length, 10);
    return Buffer.concat([head, octets]);
  }
}

function message(query: Buffer, question: Buffer, code: number, records: Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(query.readUInt16BE(0), 0);
  head.writeUInt16BE(0x8180 | code, 2); // an answer, recursion asked for and there
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  return Buffer.concat([head, question, ...records]);
}

function readName(bytes: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** Of an IPv6 address without a dotted quad. */
function octetsOf(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === '' ? [] : after.split(':');
  const missing = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const octets = Buffer.alloc(16);
  for (const [index, group] of [...head, ...missing, ...tail].entries()) {
    octets.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  }
  return octets;
}
