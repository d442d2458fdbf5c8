import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { FieldNames } from '../../../src/http/field-names.ts';
import { NOWHERE } from '../../../src/wire/body-sink.ts';
import { LentSocket } from '../../../src/wire/lent-socket.ts';
import { READ_BYTES_MAX, ReadBuffer } from '../../../src/wire/read-buffer.ts';
import type { Refusal } from '../../../src/wire/refusals.ts';
import { RequestReader, type RequestReaderOwner } from '../../../src/wire/request-reader.ts';
import { Collected } from '../../support/collected.ts';
import { LIMITS, READER_SETTINGS } from '../../support/differential/limits.ts';

/** An owner that writes down what it is told and decides nothing. */
class Owner implements RequestReaderOwner {
  readonly told: string[] = [];
  readonly tap: string[] = [];
  readonly reader: RequestReader;
  mayBegin = true;
  /** What is done from within a call. */
  onHead: () => void = () => {};
  onBody: () => void = () => {};

  constructor(limits = LIMITS, tap?: LentSocket) {
    const socket = tap ?? {
      pause: () => this.tap.push('pause'),
      resume: () => this.tap.push('resume'),
    };
    // The reader pauses and resumes its socket, nothing else.
    const settings = { ...READER_SETTINGS, limits };
    this.reader = new RequestReader(
      this,
      socket as unknown as Socket,
      settings,
      new FieldNames([]),
    );
  }

  send(...pieces: readonly string[]): void {
    for (const piece of pieces) {
      // Lent: behind them is what was there before, and afterwards they are somebody else's.
      const lent = Buffer.from(`${piece}\n\n`, 'latin1');
      this.reader.received(lent, 0, lent.length - 2);
      lent.fill('?');
    }
  }

  headBegun(): void {
    this.told.push('begun');
  }

  headRead(): void {
    this.told.push(`head ${this.reader.head.method} ${this.reader.head.target}`);
    this.onHead();
  }

  bodyAdvanced(): void {
    this.told.push('advanced');
  }

  bodyRead(): void {
    this.told.push('body');
    this.onBody();
  }

  unreadable(refusal: Refusal): void {
    this.told.push(refusal);
  }
}

const get = (target: string): string => `GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`;
const post = (length: number): string =>
  `POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: ${String(length)}\r\n\r\n`;

/** Writes down how much its reads may take. */
class Tap extends LentSocket {
  readonly told: boolean[] = [];

  constructor() {
    super(new ReadBuffer(), {}, () => {});
  }

  override readLong(isLong: boolean): void {
    this.told.push(isLong);
  }
}

describe('a reader of requests', () => {
  it('has reads take more while a long body comes that is wanted, and none that reaches behind it', () => {
    const tap = new Tap();
    const owner = new Owner({ ...LIMITS, bodyBytesMax: 0 }, tap);
    owner.send(post(READ_BYTES_MAX + 1));
    expect(tap.told).toEqual([]);
    owner.reader.readBody(NOWHERE);
    expect(tap.told).toEqual([true]);
    owner.send('x');
    expect(tap.told).toEqual([true, true]);
    owner.send('x');
    expect(tap.told).toEqual([true, true, false]);
    owner.send('x'.repeat(READ_BYTES_MAX - 1));
    expect(owner.told.at(-1)).toBe('body');
    owner.reader.next();
    owner.onHead = () => owner.reader.readBody(NOWHERE);
    owner.send(post(READ_BYTES_MAX - 1));
    expect(tap.told.filter(Boolean)).toHaveLength(2);
  });

  it('tells of a head when its last octet is there, and of its beginning once', () => {
    const owner = new Owner();
    owner.send('G', 'ET / HTTP/1.1\r\n', 'Host: a\r\n\r');
    expect(owner.told).toEqual(['begun']);
    expect(owner.reader.isInHead).toBe(true);
    owner.send('\n');
    expect(owner.told).toEqual(['begun', 'head GET /']);
    expect(owner.reader.isInHead).toBe(false);
  });

  it('tells of no beginning where the head comes as a whole', () => {
    const owner = new Owner();
    owner.send(get('/'));
    expect(owner.told).toEqual(['head GET /']);
  });

  it('holds the next request back until the present one is over', () => {
    const owner = new Owner();
    owner.send(get('/1') + get('/2'));
    expect(owner.told).toEqual(['head GET /1']);
    expect(owner.reader.hasWaiting).toBe(true);
    owner.reader.next();
    expect(owner.told).toEqual(['head GET /1', 'head GET /2']);
    expect(owner.reader.hasWaiting).toBe(false);
  });

  it('goes on with the next request when the owner says so from within', () => {
    const owner = new Owner();
    owner.onHead = () => owner.reader.next();
    owner.send(get('/1') + get('/2') + get('/3').slice(0, 20));
    expect(owner.told).toEqual(['head GET /1', 'head GET /2', 'begun']);
  });

  it('holds a request back whose answer could not be sent, and the client with it', () => {
    const owner = new Owner();
    owner.mayBegin = false;
    owner.send(get('/'));
    expect(owner.told).toEqual([]);
    expect(owner.tap).toEqual(['pause']);
    owner.mayBegin = true;
    owner.reader.resume();
    expect(owner.told).toEqual(['head GET /']);
    expect(owner.tap).toEqual(['pause', 'resume']);
  });

  it('gives the body only to whom asks, and only the body', () => {
    const owner = new Owner();
    const sink = new Collected();
    owner.send(`${post(5)}he`);
    expect(owner.reader.isBodyDone).toBe(false);
    owner.reader.readBody(sink);
    expect(sink.text).toBe('he');
    owner.send('l', `lo${get('/2')}`);
    expect(sink.text).toBe('hello');
    expect(owner.told).toEqual(['head POST /p', 'advanced', 'advanced', 'body']);
    expect(owner.reader.isBodyDone).toBe(true);
    owner.reader.next();
    expect(owner.told.at(-1)).toBe('head GET /2');
  });

  it('counts the octets of a body with its framing', () => {
    const owner = new Owner();
    const chunks = '5\r\nhello\r\n0\r\n\r\n';
    owner.onHead = () => owner.reader.readBody(NOWHERE);
    owner.send(`POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`);
    expect(owner.reader.bodyBytes).toBe(chunks.length);
    owner.reader.next();
    owner.onHead = () => {};
    owner.send(get('/'));
    expect(owner.reader.bodyBytes).toBe(0);
  });

  it('gives a full sink nothing more until it is resumed', () => {
    const owner = new Owner();
    const sink = new Collected();
    owner.send(post(6));
    owner.reader.readBody(sink);
    owner.send('he');
    owner.reader.holdUp();
    expect(owner.reader.isHeldUp).toBe(true);
    expect(owner.tap).toEqual(['pause']);
    owner.send('llo');
    expect(sink.text).toBe('he');
    owner.reader.resume();
    expect(sink.text).toBe('hello');
    expect(owner.tap).toEqual(['pause', 'resume']);
    owner.send('!');
    expect(owner.told.at(-1)).toBe('body');
  });

  it('drops what is here of a body that nobody wants', () => {
    const owner = new Owner();
    owner.send(`${post(5)}hello${get('/2')}`);
    owner.reader.discardBody();
    expect(owner.reader.isBodyDone).toBe(true);
    owner.reader.next();
    expect(owner.told).toEqual(['head POST /p', 'head GET /2']);
  });

  it('knows that the rest of a dropped body is still to come', () => {
    const owner = new Owner();
    owner.reader.discardBody();
    owner.send(`${post(5)}he`);
    owner.reader.discardBody();
    owner.reader.discardBody();
    expect(owner.reader.isBodyDone).toBe(false);
    expect(owner.reader.hasWaiting).toBe(false);
  });

  it('reads nothing behind what it refuses', () => {
    const owner = new Owner();
    owner.send(`GET /\r\n\r\n${get('/2')}`, get('/3'));
    owner.reader.resume();
    expect(owner.told).toEqual(['version']);
    expect(owner.reader.hasWaiting).toBe(false);
  });

  it('refuses a head that can never become whole', () => {
    const owner = new Owner();
    owner.send('GET / HTTP/1.1\nHost: a\n\n');
    expect(owner.told).toEqual(['bare-line-feed']);
    expect(owner.reader.head.method).toBe('');
  });

  it('reads a long head on as far as its own limit allows', () => {
    const owner = new Owner({ ...LIMITS, headBytesMax: 65_536 });
    const text = `GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(60_000)}\r\n\r\n`;
    for (let at = 0; at < text.length; at += 20_000) owner.send(text.slice(at, at + 20_000));
    expect(owner.tap).toEqual([]);
    expect(owner.told).toEqual(['begun', 'head GET /']);
  });

  it('refuses a head past its limit, whether it ends or not', () => {
    for (const end of ['', '\r\n\r\n']) {
      const owner = new Owner();
      owner.send(`GET / HTTP/1.1\r\nHost: a\r\nA: ${'b'.repeat(LIMITS.headBytesMax)}${end}`);
      expect(owner.told).toEqual(['head-too-large']);
    }
  });

  it('refuses a body in the middle', () => {
    const owner = new Owner();
    const sink = new Collected();
    owner.onHead = () => owner.reader.readBody(sink);
    owner.send('POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhellox');
    expect(owner.told).toEqual(['head POST /p', 'chunk-end']);
    expect(sink.text).toBe('hello');
    owner.send(get('/2'));
    expect(owner.told).toHaveLength(2);
  });

  it('goes no further once its owner has stopped it from within a body', () => {
    const owner = new Owner();
    owner.send(post(5));
    owner.reader.readBody({ write: () => owner.reader.stop() });
    owner.send(`hello${get('/2')}`);
    expect(owner.told).toEqual(['head POST /p']);
  });

  it('lets what comes flow away when it is stopped', () => {
    const owner = new Owner();
    owner.send(get('/1'));
    owner.send(get('/2').repeat(1000));
    expect(owner.tap).toEqual(['pause']);
    owner.reader.stop();
    expect(owner.tap).toEqual(['pause', 'resume']);
    owner.send(get('/3'));
    expect(owner.reader.hasWaiting).toBe(false);
    expect(owner.told).toEqual(['head GET /1']);
  });

  it('stops a client that sends far ahead, and lets it go on in its turn', () => {
    const owner = new Owner();
    owner.send(get('/1'), get('/2'), 'x'.repeat(20_000));
    expect(owner.tap).toEqual(['pause']);
    owner.reader.next();
    expect(owner.tap).toEqual(['pause', 'resume', 'pause']);
    owner.reader.next();
    expect(owner.told).toEqual(['head GET /1', 'head GET /2', 'target-too-long']);
  });

  it('skips one empty line before each request (RFC 9112 §2.2)', () => {
    const owner = new Owner();
    owner.onHead = () => owner.reader.next();
    owner.send('\r', '\n', `${get('/1')}\r\n${get('/2')}`, '\r\n', get('/3'));
    expect(owner.told.filter((call) => call !== 'begun')).toEqual([
      'head GET /1',
      'head GET /2',
      'head GET /3',
    ]);
  });

  it('is in no head while only an empty line came', () => {
    const owner = new Owner();
    owner.send('\r\n');
    expect(owner.told).toEqual([]);
    expect(owner.reader.isInHead).toBe(false);
    expect(owner.reader.hasWaiting).toBe(false);
    const slow = new Owner();
    slow.send('\r', '\n');
    expect(slow.reader.isInHead).toBe(false);
  });

  it('skips no second empty line, in whatever pieces', () => {
    for (const pieces of [
      ['\r\n\r\n', get('/')],
      ['\r\n', '\r\n', get('/')],
      ['\r', '\n\r', '\n', get('/')],
    ]) {
      const owner = new Owner();
      owner.send(...pieces);
      expect(owner.told.at(-1)).toBe('request-line');
    }
  });
});
