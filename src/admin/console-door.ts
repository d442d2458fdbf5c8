import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Reply } from '../http/reply.ts';
import type { ConsolePort, ConsoleQuestion } from './console-port.ts';
import { EventStreams } from './event-streams.ts';
import type { HostGate } from './host-gate.ts';

export interface ConsoleDoorParts {
  readonly desk: ConsolePort;
  readonly hosts: HostGate;
  readonly isSecure: boolean;
  readonly createRequestId: () => string;
  /** Those that are not said are made. */
  readonly streams?: EventStreams;
}

/** More than a login may wait for the hashing pool, and the end of sessions for a silent node. */
const actMs = 75_000;
const mapped = '::ffff:';
/** Names and passwords; no form of ours is longer. */
const bodyBytesMax = 16 * 1024;

const misdirected = plain(
  421,
  'The console answers under an address of its machine, localhost, and the names in admin.hosts.\n',
);
const tooLarge = plain(413, 'That is too large.\n');
const methodUnknown = plain(405, 'Only GET, HEAD and POST are served here.\n', [
  ['Allow', 'GET, HEAD, POST'],
]);

/** The way from the operators' port to the console: who may speak to it at all, and in which form. */
export class ConsoleDoor {
  readonly #streams: EventStreams;
  readonly #parts: ConsoleDoorParts;

  constructor(parts: ConsoleDoorParts) {
    this.#parts = parts;
    this.#streams = parts.streams ?? new EventStreams(parts);
  }

  static owns(path: string): boolean {
    return path === '/console' || path.startsWith('/console/');
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = await this.#answer(request, response);
    if (reply !== null && !response.headersSent && !response.destroyed) {
      write(response, reply, request.method === 'HEAD');
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Reply | null> {
    const { desk, createRequestId, hosts, isSecure } = this.#parts;
    const fields = fieldsOf(request.rawHeaders);
    const named = fields.filter(([name]) => name === 'host').map(([, value]) => value);
    const host = hosts.admits(named, request.socket.localAddress);
    if (host === null) return misdirected;
    const { method = '', url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return methodUnknown;
    const body = await bodyOf(request);
    if (body === null) return tooLarge;
    // The limit of the port is for what probes ask; Node puts it back for the next request.
    response.setTimeout(actMs);
    const mark = url.indexOf('?');
    const question: ConsoleQuestion = {
      method,
      path: mark === -1 ? url : url.slice(0, mark),
      query: mark === -1 ? '' : url.slice(mark),
      host: host.authority,
      isSecure,
      address: addressOf(request.socket.remoteAddress ?? ''),
      requestId: createRequestId(),
      fields,
      body,
    };
    return question.path === '/console/events' && method === 'GET'
      ? await this.#streams.serve(question, response)
      : await desk.answer(question);
  }
}

/** A socket for both families names an IPv4 client so. */
function addressOf(remote: string): string {
  return remote.startsWith(mapped) ? remote.slice(mapped.length) : remote;
}

function fieldsOf(raw: readonly string[]): (readonly [name: string, value: string])[] {
  const fields: (readonly [string, string])[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push([(raw[index] ?? '').toLowerCase(), raw[index + 1] ?? '']);
  }
  return fields;
}

/** Null: too long, or broken off. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of request) {
      if (!Buffer.isBuffer(piece)) return null;
      bytes += piece.length;
      if (bytes > bodyBytesMax) return null;
      pieces.push(piece);
    }
  } catch {
    return null;
  }
  return Buffer.concat(pieces);
}

function plain(status: number, text: string, fields: Reply['fields'] = []): Reply {
  const usual: Reply['fields'] = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
  ];
  return { status, fields: [...usual, ...fields], body: text };
}

function write(response: ServerResponse, reply: Reply, isHead: boolean): void {
  const body = Buffer.from(reply.body);
  const fields = reply.fields.flatMap(([name, value]) => [name, value]);
  response.writeHead(reply.status, [...fields, 'Content-Length', String(body.length)]);
  response.end(isHead ? undefined : body);
}
