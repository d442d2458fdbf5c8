import { FieldList } from '../http/field-list.ts';
import { FieldId, type FieldNames } from '../http/field-names.ts';
import type { BodySink } from './body-sink.ts';
import { readFieldLines } from './field-lines.ts';

export type ChunkProblem =
  | 'chunk-size'
  | 'chunk-extension'
  | 'chunk-end'
  | 'trailer-malformed'
  | 'trailer-too-large'
  | 'body-too-large';

/** All extensions of one body together. They are dropped, so anything long is an attack (CVE-2024-22019). */
const EXTENSION_BYTES_MAX = 16_384;
const TRAILER_BYTES_MAX = 8192;
/** 2^52: sizes stay exact numbers. */
const SIZE_DIGITS_MAX = 13;
const TRAILER_FIELDS_MAX = 64;

/** `;name` or `;name=value`, both tokens (RFC 9112 §7.1.1); quoted strings, which nobody sends, are refused. */
const EXTENSION = /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=[!#$%&'*+.^_`|~0-9A-Za-z-]+)?)*$/;

const State = {
  size: 0,
  extension: 1,
  sizeLf: 2,
  payload: 3,
  payloadCr: 4,
  payloadLf: 5,
  trailer: 6,
  done: 7,
} as const;
type State = (typeof State)[keyof typeof State];

/**
 * The chunked coding, read strictly (RFC 9112 §7.1): hexadecimal size, CRLF, payload, CRLF. Extensions and trailers are
 * checked, counted and dropped. Keeps its place between reads, so a body may come in any pieces.
 */
export class ChunkedDecoder {
  #state: State = State.size;
  #left = 0;
  #digits = 0;
  #extensionBytes = 0;
  #extension = '';
  #trailer = '';
  #total = 0;
  readonly #names: FieldNames;
  /** 0: unlimited. */
  bodyBytesMax: number;

  /** `bodyBytesMax` 0: unlimited. */
  constructor(names: FieldNames, bodyBytesMax = 0) {
    this.#names = names;
    this.bodyBytesMax = bodyBytesMax;
  }

  get isDone(): boolean {
    return this.#state === State.done;
  }

  /**
   * Decodes `bytes[start, end)` into `sink`. Returns the offset behind the last octet used (short of `end` only when the
   * body is done), or the problem. What `bytes` held is used up: payload is moved about in it.
   */
  decode(bytes: Buffer, start: number, end: number, sink: BodySink): number | ChunkProblem {
    let at = start;
    // Payload of small chunks is moved together within the buffer: one piece for the sink, however many there were.
    let problem: ChunkProblem | null = null;
    let from = start;
    let to = start;
    while (at < end && this.#state !== State.done) {
      if (this.#state === State.payload) {
        const stop = Math.min(end, at + this.#left);
        if (from === to) {
          from = at;
          to = stop;
        } else {
          bytes.copyWithin(to, at, stop);
          to += stop - at;
        }
        this.#left -= stop - at;
        at = stop;
        if (this.#left === 0) this.#state = State.payloadCr;
        continue;
      }
      problem = this.#step(bytes[at] ?? 0);
      if (problem !== null) break;
      at++;
    }
    if (to > from) sink.write(bytes, from, to);
    return problem ?? at;
  }

  #step(octet: number): ChunkProblem | null {
    switch (this.#state) {
      case State.size:
        return this.#sizeOctet(octet);
      case State.extension:
        return this.#extensionOctet(octet);
      case State.sizeLf:
        if (octet !== 0x0a) return 'chunk-size';
        return this.#beginPayload();
      case State.payloadCr:
        if (octet !== 0x0d) return 'chunk-end';
        this.#state = State.payloadLf;
        return null;
      case State.payloadLf:
        if (octet !== 0x0a) return 'chunk-end';
        this.#state = State.size;
        return null;
      default:
        return this.#trailerOctet(octet);
    }
  }

  #sizeOctet(octet: number): ChunkProblem | null {
    const digit = hexDigit(octet);
    if (digit >= 0) {
      if (++this.#digits > SIZE_DIGITS_MAX) return 'chunk-size';
      this.#left = this.#left * 16 + digit;
      return null;
    }
    if (this.#digits === 0) return 'chunk-size';
    if (octet === 0x0d) this.#state = State.sizeLf;
    else if (octet === 0x3b) {
      this.#state = State.extension;
      this.#extension = ';';
      this.#extensionBytes++;
    } else return 'chunk-size';
    return null;
  }

  #extensionOctet(octet: number): ChunkProblem | null {
    if (octet === 0x0d) {
      if (!EXTENSION.test(this.#extension)) return 'chunk-size';
      this.#extension = '';
      this.#state = State.sizeLf;
      return null;
    }
    if (++this.#extensionBytes > EXTENSION_BYTES_MAX) return 'chunk-extension';
    if (octet < 0x21 || octet > 0x7e) return 'chunk-size';
    this.#extension += String.fromCharCode(octet);
    return null;
  }

  #beginPayload(): ChunkProblem | null {
    this.#digits = 0;
    if (this.#left === 0) {
      this.#state = State.trailer;
      return null;
    }
    this.#total += this.#left;
    if (this.bodyBytesMax > 0 && this.#total > this.bodyBytesMax) return 'body-too-large';
    this.#state = State.payload;
    return null;
  }

  /** Up to the empty line. The fields are checked like those of a head, then forgotten: identity hides in trailers. */
  #trailerOctet(octet: number): ChunkProblem | null {
    this.#trailer += String.fromCharCode(octet);
    const text = this.#trailer;
    if (text.length > TRAILER_BYTES_MAX) return 'trailer-too-large';
    if (octet !== 0x0a) return null;
    if (!text.endsWith('\r\n')) return 'trailer-malformed';
    if (text !== '\r\n' && !text.endsWith('\r\n\r\n')) return null;
    if (text !== '\r\n') {
      const fields = new FieldList();
      fields.reset(text);
      const end = text.length - 4;
      if (
        readFieldLines(text, 0, end, TRAILER_FIELDS_MAX, this.#names, fields) !== null ||
        hasMisplacedField(fields)
      ) {
        return 'trailer-malformed';
      }
    }
    this.#state = State.done;
    return null;
  }
}

/**
 * RFC 9110 §6.5.1: nothing about framing, routing or the connection may come so late. Some parsers heed it all the same:
 * a Content-Length or a `close` in a trailer would change where they see the next message.
 */
function hasMisplacedField(fields: FieldList): boolean {
  for (let index = 0; index < fields.count; index++) {
    const { id, isHopByHop } = fields.name(index);
    if (isHopByHop || id === FieldId.contentLength || id === FieldId.host) return true;
  }
  return false;
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  if (octet >= 0x41 && octet <= 0x46) return octet - 0x37;
  if (octet >= 0x61 && octet <= 0x66) return octet - 0x57;
  return -1;
}
