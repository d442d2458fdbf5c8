import {
  constants,
  performServerHandshake,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import type { ClientConnectionOwner } from './client-connection-owner.ts';
import type { Timed } from './deadlines.ts';
import { readHttp2Head } from './http2-head.ts';
import { Http2Stream, type Http2StreamOwner } from './http2-stream.ts';
import type { Peer } from './lane.ts';
import type { OpenConnection } from './open-connection.ts';
import { RequestHead } from './request-head.ts';

const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_FLAG_END_STREAM, NGHTTP2_NO_ERROR } = constants;

const STREAMS_MAX = 100;
/** As the last stream of a GOAWAY: more are not to be begun, those that are on their way are taken (RFC 9113 §6.8). */
const STREAM_ID_MAX = 2 ** 31 - 1;
/** Streams that a client may take back within the window before it is told to calm down (CVE-2023-44487). */
const RESETS_MAX = 200;
const RESETS_WINDOW_MS = 10_000;
const SESSION_MEMORY_MEBIBYTES_MAX = 10;
/** Pseudo-header fields beside the others. */
const PSEUDO_FIELDS = 4;

/** One client on HTTP/2: hands each of its requests to a lane of its own, and holds the limits of RFC 9113 §10.5. */
export class Http2Connection implements OpenConnection, Timed, Http2StreamOwner {
  deadlineMs: number;
  readonly owner: ClientConnectionOwner;
  readonly peer: Peer;
  readonly #socket: Duplex;
  readonly #session: ServerHttp2Session;
  /** As many as there were streams at once; `STREAMS_MAX` at the most. */
  readonly #heads: RequestHead[] = [];
  #streams = 0;
  #resets = 0;
  #windowEndMs = 0;
  /** While it drains: from when on no stream is taken. */
  #closesAtMs = Infinity;

  /** `socket` is secured and has agreed on h2. */
  constructor(socket: Duplex, peer: Peer, owner: ClientConnectionOwner) {
    const { limits, timeouts } = owner.config;
    this.owner = owner;
    this.peer = peer;
    this.#socket = socket;
    owner.deadlines.add(this);
    this.deadlineMs = owner.deadlines.nowMs + timeouts.headMs;
    this.#session = performServerHandshake(socket, {
      maxSessionMemory: SESSION_MEMORY_MEBIBYTES_MAX,
      maxHeaderListPairs: limits.fieldsMax + PSEUDO_FIELDS,
      maxSessionInvalidFrames: 20,
      maxSessionRejectedStreams: 20,
      maxOutstandingPings: 5,
      maxSettings: 32,
      // What an upstream says twice is handed on twice, as on HTTP/1.1, and is no reason to throw.
      strictSingleValueFields: false,
      // Extended CONNECT (RFC 8441) is not announced: nothing is tunnelled here.
      settings: {
        maxConcurrentStreams: STREAMS_MAX,
        maxHeaderListSize: limits.headBytesMax,
        enableConnectProtocol: false,
        enablePush: false,
      },
    });
    this.#session
      .on('stream', (stream, headers, flags, raw) => this.#opened(stream, headers, flags, raw))
      .on('error', () => {}) // 'close' follows
      .on('close', () => this.#ended());
    socket.on('close', () => this.#ended());
  }

  /** Closes when the last stream is done. Where there is time, streams that are on their way are still taken. */
  drain(): void {
    const { deadlines, idleDrainMs } = this.owner;
    if (idleDrainMs === 0) {
      this.#session.close();
      return;
    }
    this.#session.goaway(NGHTTP2_NO_ERROR, STREAM_ID_MAX);
    this.#closesAtMs = deadlines.nowMs + idleDrainMs;
    this.deadlineMs = this.#closesAtMs;
  }

  destroy(): void {
    this.#session.destroy();
    // The library waits for what it has written, and towards a client that has reset the connection for ever.
    this.#socket.destroy();
  }

  expire(): void {
    // The library does not end a socket from which it has stopped to read, and never says that it is done.
    if (this.#session.destroyed) {
      this.destroy();
      return;
    }
    if (this.owner.deadlines.nowMs >= this.#closesAtMs && !this.#session.closed) {
      this.#closesAtMs = Infinity;
      this.#session.close();
      this.#wait(this.owner.config.timeouts.lingerMs);
      return;
    }
    if (this.#streams > 0) this.deadlineMs = Infinity;
    else if (this.#session.closed) this.destroy();
    else {
      this.#session.close();
      this.#wait(this.owner.config.timeouts.lingerMs);
    }
  }

  #opened(
    stream: ServerHttp2Stream,
    _headers: IncomingHttpHeaders,
    flags: number,
    raw: readonly string[],
  ): void {
    this.#streams++;
    this.deadlineMs = this.#closesAtMs;
    const hasBody = (flags & NGHTTP2_FLAG_END_STREAM) === 0;
    const { config, names } = this.owner;
    const lane = new Http2Stream(stream, this, hasBody);
    lane.begin(readHttp2Head(raw, hasBody, config.limits, names, lane.head));
  }

  takeHead(): RequestHead {
    return this.#heads.pop() ?? new RequestHead();
  }

  streamClosed(stream: ServerHttp2Stream, head: RequestHead, isTakenBack: boolean): void {
    this.#streams--;
    head.reset('');
    this.#heads.push(head);
    // A request that is taken back costs the same with NO_ERROR.
    if (isTakenBack || stream.rstCode !== NGHTTP2_NO_ERROR) this.#countReset();
    if (this.#streams > 0) return;
    const { keepAliveMs, lingerMs } = this.owner.config.timeouts;
    this.#wait(this.#session.destroyed ? lingerMs : keepAliveMs);
    this.deadlineMs = Math.min(this.deadlineMs, this.#closesAtMs);
  }

  #countReset(): void {
    const { nowMs } = this.owner.deadlines;
    if (nowMs >= this.#windowEndMs) {
      this.#resets = 0;
      this.#windowEndMs = nowMs + RESETS_WINDOW_MS;
    }
    if (++this.#resets > RESETS_MAX && !this.#session.destroyed) {
      this.#session.goaway(NGHTTP2_ENHANCE_YOUR_CALM);
      this.#session.destroy();
      this.#wait(this.owner.config.timeouts.lingerMs);
    }
  }

  #wait(milliseconds: number): void {
    this.deadlineMs = this.owner.deadlines.nowMs + milliseconds;
  }

  #ended(): void {
    this.owner.deadlines.remove(this);
    this.owner.closed(this);
  }
}
