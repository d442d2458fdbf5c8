import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { BerReader, BerWriter } from 'ldapts';

/** What a client asked, as far as the replayed servers look at it. */
export type LdapQuestion =
  | { readonly kind: 'bind'; readonly name: string; readonly password: string }
  | { readonly kind: 'search'; readonly base: string; readonly filter: Buffer }
  | { readonly kind: 'extended'; readonly oid: string }
  | { readonly kind: 'other'; readonly tag: number };

/** One message of the answer, as bytes or for a message id; or the end of the connection. */
export type LdapAnswer = ((id: number) => Buffer) | Buffer | 'close';

/** A server on the loopback that answers as a test says: for what only Active Directory does, and what nobody should. */
export class LdapReplay implements AsyncDisposable {
  readonly asked: LdapQuestion[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  private constructor(answer: (question: LdapQuestion) => readonly LdapAnswer[]) {
    this.#server = createServer((socket) => {
      this.connections += 1;
      this.#sockets.add(socket);
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      let rest = Buffer.alloc(0);
      socket.on('data', (chunk: Buffer) => {
        rest = Buffer.concat([rest, chunk]);
        for (let taken = takeMessage(rest); taken !== null; taken = takeMessage(rest)) {
          rest = rest.subarray(taken.length);
          const { id, question } = readQuestion(taken);
          this.asked.push(question);
          for (const one of answer(question)) {
            if (one === 'close') socket.destroy();
            else socket.write(Buffer.isBuffer(one) ? one : one(id));
          }
        }
      });
    });
  }

  static async start(
    answer: (question: LdapQuestion) => readonly LdapAnswer[],
  ): Promise<LdapReplay> {
    const replay = new LdapReplay(answer);
    replay.#server.listen(0, '127.0.0.1');
    await once(replay.#server, 'listening');
    const address = replay.#server.address();
    replay.#port = typeof address === 'object' && address !== null ? address.port : 0;
    return replay;
  }

  get port(): number {
    return this.#port;
  }

  /** Names that somebody tried to log in with. */
  get binds(): string[] {
    return this.asked.flatMap((one) => (one.kind === 'bind' ? [one.name] : []));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function takeMessage(buffer: Buffer): Buffer | null {
  const reader = new BerReader(buffer);
  if (reader.readSequence() === null || reader.remain < reader.length) return null;
  return buffer.subarray(0, reader.offset + reader.length);
}

function readQuestion(bytes: Buffer): { id: number; question: LdapQuestion } {
  const reader = new BerReader(bytes);
  reader.readSequence();
  const id = reader.readInt() ?? 0;
  const tag = reader.readSequence() ?? 0;
  switch (tag) {
    case 0x60: {
      reader.readInt();
      const name = reader.readString() ?? '';
      return { id, question: { kind: 'bind', name, password: reader.readString(0x80) ?? '' } };
    }
    case 0x63: {
      const base = reader.readString() ?? '';
      // Scope, aliases, size, time, types only; then the filter, and then the attributes.
      reader.readEnumeration();
      reader.readEnumeration();
      reader.readInt();
      reader.readInt();
      reader.readBoolean();
      reader.readSequence();
      const filter = reader.remainingBuffer.subarray(0, reader.length);
      return { id, question: { kind: 'search', base, filter } };
    }
    case 0x77:
      return { id, question: { kind: 'extended', oid: reader.readString(0x80) ?? '' } };
    default:
      return { id, question: { kind: 'other', tag } };
  }
}

function written(tag: number, write: (writer: BerWriter) => void): LdapAnswer {
  return (id) => {
    const writer = new BerWriter();
    writer.startSequence();
    writer.writeInt(id);
    writer.startSequence(tag);
    write(writer);
    writer.endSequence();
    writer.endSequence();
    return writer.buffer;
  };
}

function result(tag: number, code: number, text: string, more?: (writer: BerWriter) => void) {
  return written(tag, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString(text);
    more?.(writer);
  });
}

export const bindResult = (code: number, text = ''): LdapAnswer => result(0x61, code, text);
export const searchResult = (code: number, text = ''): LdapAnswer => result(0x65, code, text);
export const extendedResult = (code: number, value?: string): LdapAnswer =>
  result(0x78, code, '', (writer) => {
    if (value !== undefined) writer.writeString(value, 0x8b);
  });

/** A result that sends the client to another server. */
export const referral = (tag: 'bind' | 'search', url: string): LdapAnswer =>
  result(tag === 'bind' ? 0x61 : 0x65, 10, '', (writer) => {
    writer.startSequence(0xa3);
    writer.writeString(url);
    writer.endSequence();
  });

/** "There is more over there", in the middle of a search. */
export const reference = (url: string): LdapAnswer =>
  written(0x73, (writer) => writer.writeString(url));

export function entry(
  dn: string,
  attributes: Readonly<Record<string, readonly string[]>>,
): LdapAnswer {
  return written(0x64, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [type, values] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(type);
      writer.startSequence(0x31);
      for (const value of values) writer.writeString(value);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}
