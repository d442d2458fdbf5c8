import type { Socket } from 'node:net';
import { FieldNames } from '../../../src/http/field-names.ts';
import { canonicalTarget } from '../../../src/http/request-target.ts';
import type { BodySink } from '../../../src/wire/body-sink.ts';
import { refusalOfTarget, type Refusal } from '../../../src/wire/refusals.ts';
import { RequestReader, type RequestReaderOwner } from '../../../src/wire/request-reader.ts';
import { READER_SETTINGS } from './limits.ts';
import type { Reading, RequestReading } from './reading.ts';
import { Pace, type Sample } from './sample.ts';

const names = new FieldNames(['X-UserInfo']);

/** As much of a socket as the reader uses. */
class Tap {
  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

/** Owns a reader as a client connection does, answers nothing, and writes down what was read. */
class Owner implements RequestReaderOwner, BodySink {
  readonly requests: RequestReading[] = [];
  end: Reading['end'] = 'open';
  reason: Refusal | '' = '';
  readonly #tap = new Tap();
  readonly #reader: RequestReader;
  readonly #pace: Pace;
  readonly #isStrict: boolean;
  #due: (() => void) | null = null;
  #hasPutOff = false;

  constructor(pace: Pace, isStrict: boolean) {
    this.#pace = pace;
    this.#isStrict = isStrict;
    // The reader pauses and resumes its socket, nothing else.
    this.#reader = new RequestReader(this, this.#tap as unknown as Socket, READER_SETTINGS, names);
  }

  received(bytes: Buffer): void {
    this.proceed();
    // A paused socket gives nothing until somebody resumes it.
    for (let tries = 0; this.#tap.isPaused; tries++) {
      if (tries > 1000 || this.#due === null) throw new Error('paused for ever');
      this.proceed();
    }
    // A reader moves payload about in what it is given, and the message is read more than once.
    this.#reader.received(Buffer.from(bytes), 0, bytes.length);
  }

  /** Does what was put off, and what comes of it, until somebody has to be waited for. */
  finish(): void {
    while (this.#due !== null) this.proceed();
  }

  proceed(): void {
    const due = this.#due;
    this.#due = null;
    due?.();
  }

  get mayBegin(): boolean {
    if (this.#pace !== Pace.late || this.#hasPutOff) return true;
    this.#hasPutOff = true;
    this.#due = (): void => this.#reader.resume();
    return false;
  }

  headBegun(): void {}

  headRead(): void {
    const { head } = this.#reader;
    this.#hasPutOff = false;
    const refusal = refusalOfHead(head.method, head.target, this.#isStrict);
    if (refusal !== null) {
      this.unreadable(refusal);
      return;
    }
    const fields: string[] = [];
    for (let index = 0; index < head.fields.count; index++) {
      fields.push(head.fields.name(index).raw, head.fields.value(index));
    }
    expectCanonicalLines(head.fields.write(), fields);
    const { method, target, minor } = head;
    this.requests.push({
      method,
      target,
      version: `1.${String(minor)}`,
      fields,
      body: '',
      isWhole: false,
    });
    if (this.#reader.isBodyDone) this.bodyRead();
    else this.#do(() => this.#reader.readBody(this));
  }

  write(bytes: Buffer, start: number, end: number): void {
    const present = this.requests.at(-1);
    if (present === undefined) throw new Error('a body without a head');
    present.body += bytes.toString('latin1', start, end);
    if (this.#pace !== Pace.heldUp) return;
    this.#reader.holdUp();
    this.#due = (): void => this.#reader.resume();
  }

  bodyAdvanced(): void {}

  bodyRead(): void {
    const present = this.requests.at(-1);
    if (present === undefined) throw new Error('a body without a head');
    present.isWhole = true;
    const { head } = this.#reader;
    // The same words as in the client connection.
    const isKept = (head.minor === 1 || head.isKeepAliveAsked) && !head.isCloseAsked;
    if (isKept) this.#do(() => this.#reader.next());
    else {
      this.end = 'closed';
      this.#due = null;
      this.#reader.stop();
    }
  }

  unreadable(refusal: Refusal): void {
    this.end = 'refused';
    this.reason = refusal;
    this.#due = null;
    this.#reader.stop();
  }

  #do(step: () => void): void {
    if (this.#pace === Pace.late) this.#due = step;
    else {
      this.#due = null;
      step();
    }
  }
}

/** What goes on to an upstream says the same, in one spelling. */
function expectCanonicalLines(text: string, fields: readonly string[]): void {
  let lines = '';
  for (let at = 0; at < fields.length; at += 2)
    lines += `${fields[at] ?? ''}: ${fields[at + 1] ?? ''}\r\n`;
  if (text !== lines) throw new Error(`written as ${JSON.stringify(text)}`);
}

/** The gateway's first phase, as far as it is about octets; `OPTIONS *` is answered before it. */
function refusalOfHead(method: string, target: string, isStrict: boolean): Refusal | null {
  if (target === '*' && method === 'OPTIONS') return null;
  const canonical = canonicalTarget(target, isStrict);
  return typeof canonical === 'string' ? refusalOfTarget(canonical) : null;
}

/** What the reader that runs in production makes of a sample that comes in pieces. */
export function readPieces(bytes: Buffer, sample: Omit<Sample, 'text'>): Reading {
  const owner = new Owner(sample.pace, sample.isStrict);
  let start = 0;
  for (const cut of sample.cuts) {
    owner.received(bytes.subarray(start, cut));
    start = cut;
  }
  owner.received(bytes.subarray(start));
  owner.finish();
  return owner;
}

/** … and of one that comes at once. */
export function readWhole(bytes: Buffer, isStrict: boolean): Reading {
  return readPieces(bytes, { cuts: [], pace: Pace.prompt, isStrict });
}
