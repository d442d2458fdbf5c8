import type { ServerResponse } from 'node:http';
import type { ConsolePort, ConsoleQuestion, Seen } from './console-port.ts';
import type { Reply } from '../http/reply.ts';

export interface EventStreamsParts {
  readonly desk: ConsolePort;
  /** How often each stream looks; an end of the viewer's session is felt at the next look. */
  readonly everyMs?: number;
  readonly streamsMax?: number;
}

/** What is shared between streams is two looks old at most, so a login is there within a second. */
const everyMsDefault = 450;
const streamsMaxDefault = 32;
/** In looks: often enough for any proxy between, and for a client that is gone to be noticed. */
const heartbeatLooks = 20;
/** In looks: whoever takes nothing for so long is let go. */
const patienceLooks = 60;

const streamFields = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // A proxy that buffers would show the past.
  'X-Accel-Buffering': 'no',
};

const full: Reply = {
  status: 503,
  fields: [
    ['Content-Type', 'application/json'],
    ['Cache-Control', 'no-store'],
    ['Retry-After', '5'],
  ],
  body: '{"error":"too_many_streams"}',
};

/**
 * Server-sent events: each stream looks again and again, as whoever it belongs to, and says what has changed. There is
 * no list of subscribers that a revocation would have to find: a look that is refused is the end of its stream.
 */
export class EventStreams {
  readonly #desk: ConsolePort;
  readonly #everyMs: number;
  readonly #streamsMax: number;
  readonly #open = new Set<ServerResponse>();

  constructor({ desk, everyMs, streamsMax }: EventStreamsParts) {
    this.#desk = desk;
    this.#everyMs = everyMs ?? everyMsDefault;
    this.#streamsMax = streamsMax ?? streamsMaxDefault;
  }

  get active(): number {
    return this.#open.size;
  }

  /** Holds the response until either side ends it; gives the answer to who gets no stream. */
  async serve(question: ConsoleQuestion, response: ServerResponse): Promise<Reply | null> {
    if (this.#open.size >= this.#streamsMax) return full;
    this.#open.add(response);
    try {
      return await this.#run(question, response);
    } finally {
      this.#open.delete(response);
    }
  }

  async #run(question: ConsoleQuestion, response: ServerResponse): Promise<Reply | null> {
    let seen: Seen = {};
    let isOut = false;
    for (let quiet = heartbeatLooks; ; quiet += 1) {
      const look = await this.#desk.look(question, seen);
      if (response.destroyed || response.writableEnded) return null;
      if (look.kind === 'refused') {
        if (!response.headersSent) return look.reply;
        response.end(event('ended', {}));
        return null;
      }
      if (!response.headersSent) response.writeHead(200, streamFields);
      if (look.kind === 'unavailable') {
        if (!isOut) response.write(event('outage', {}));
        isOut = true;
      } else {
        if (isOut || Object.keys(look.changed).length > 0) {
          response.write(event('seen', look.changed));
          quiet = 0;
        }
        isOut = false;
        seen = look.seen;
      }
      if (quiet >= heartbeatLooks) {
        response.write(':\n\n');
        quiet = 0;
      }
      await this.#pause(response);
      for (let waits = 0; response.writableNeedDrain; waits += 1) {
        if (waits >= patienceLooks) response.destroy();
        if (response.destroyed) return null;
        await this.#pause(response);
      }
      if (response.destroyed) return null;
    }
  }

  /** Until the next look, or until the client is gone. */
  #pause(response: ServerResponse): Promise<void> {
    if (response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        response.off('close', done);
        resolve();
      };
      const timer = setTimeout(done, this.#everyMs);
      response.once('close', done);
    });
  }
}

/** JSON holds no line feed. */
function event(name: string, value: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
