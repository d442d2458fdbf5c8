import type { Socket } from 'node:net';
import { caseOfAddress } from '../cases/client-address.ts';
import type { AnswerScript } from '../cases/fuzz-case.ts';
import {
  bodyRule,
  readBody,
  readHead,
  valuesOf,
  type BodyRule,
  type Fields,
} from '../reading/message-text.ts';
import { acceptOf } from './web-socket-accept.ts';

/** One request as a strict upstream sees it. */
export interface SeenRequest {
  readonly requestId: string;
  readonly method: string;
  readonly target: string;
  readonly fields: Fields;
  body: string;
  isWhole: boolean;
  /** What it was answered; null while nothing was. */
  script: AnswerScript | null;
  /** What it was answered, octet for octet. */
  said: string;
  /** Said behind the answer of a handshake. */
  tunnel: string;
  /** The same connection carried another request behind it. */
  isFollowed: boolean;
}

/** Where an upstream learns what to say, and writes down what it saw. */
export interface Ledger {
  /** Of the next request of a case; null: there is no such case. */
  script(index: number, seen: SeenRequest): AnswerScript | null;
  /** Of case −1 where nobody knows whose it is. */
  complain(index: number, problem: string): void;
}

const REQUEST_LINE = /^([A-Z][A-Z-]*) (\/[\x21-\x7e]*|\*) HTTP\/1\.1$/;
/** Somebody takes this for a server of TLS. */
const HANDSHAKE = '\x16\x03';
const REQUEST_ID = /^[0-9a-f]{32}$/;

/** One connection of the gateway's. */
export class UpstreamLink {
  readonly #socket: Socket;
  readonly #below: Socket;
  readonly #ledger: Ledger;
  #text = '';
  #index = -1;
  #present: SeenRequest | null = null;
  #last: SeenRequest | null = null;
  #rule: BodyRule = 'none';
  #bodyAt = 0;
  #isAnswering = false;
  /** Nothing that comes from here on is HTTP, or should come at all. */
  #isOver = false;

  /** `below`: what a socket of TLS stands on; else the same. */
  constructor(socket: Socket, below: Socket, ledger: Ledger) {
    this.#socket = socket;
    this.#below = below;
    this.#ledger = ledger;
    socket.setEncoding('latin1');
    socket
      .on('data', (piece: string) => this.#received(piece))
      .on('end', () => socket.end())
      .on('error', () => {});
  }

  destroy(): void {
    this.#socket.destroy();
    this.#below.destroy();
  }

  #received(piece: string): void {
    if (this.#isOver) {
      if (this.#present !== null) this.#present.tunnel += piece;
      return;
    }
    this.#text += piece;
    if (this.#text.startsWith(HANDSHAKE)) {
      this.#isOver = true;
      this.#socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      return;
    }
    try {
      this.#read();
    } catch (error) {
      this.#complain(`cannot be read: ${String(error)}`);
      this.#isOver = true;
      this.#socket.destroy();
    }
  }

  #read(): void {
    if (this.#present === null && !this.#readHead()) return;
    const present = this.#present;
    if (present === null) return;
    const { body, end, isWhole } = readBody(this.#text, this.#bodyAt, this.#rule, present.fields);
    present.body = body;
    if (present.isWhole) return;
    if (!isWhole) {
      if (present.script?.isEarly === true) this.#answer(present);
      return;
    }
    present.isWhole = true;
    if (end < this.#text.length)
      this.#complain('there are octets behind a request that is not answered');
    this.#text = '';
    this.#answer(present);
  }

  #readHead(): boolean {
    const head = readHead(this.#text, 0);
    if (head === null) return false;
    const { fields } = head;
    const match = REQUEST_LINE.exec(head.startLine);
    const ids = valuesOf(fields, 'x-request-id');
    const addresses = valuesOf(fields, 'x-forwarded-for');
    this.#index = caseOfAddress(addresses[0] ?? '');
    if (match === null) this.#complain(`request line ${JSON.stringify(head.startLine)}`);
    if (ids.length !== 1 || !REQUEST_ID.test(ids[0] ?? '')) {
      this.#complain(`ids ${JSON.stringify(ids)} at ${head.startLine}`);
    }
    if (addresses.length !== 1) this.#complain(`addresses ${JSON.stringify(addresses)}`);
    const seen: SeenRequest = {
      requestId: ids[0] ?? '',
      method: match?.[1] ?? '',
      target: match?.[2] ?? '',
      fields,
      body: '',
      isWhole: false,
      script: null,
      said: '',
      tunnel: '',
      isFollowed: false,
    };
    this.#rule = bodyRule(fields, 'none');
    this.#bodyAt = head.end;
    if (this.#last !== null) this.#last.isFollowed = true;
    this.#present = seen;
    seen.script = this.#ledger.script(this.#index, seen);
    if (seen.script === null) this.#complain(`a request of nobody's case: ${head.startLine}`);
    return true;
  }

  #answer(seen: SeenRequest): void {
    const { script } = seen;
    if (this.#isAnswering || script === null) return;
    this.#isAnswering = true;
    if (script.delayMs === 0) this.#say(seen, script);
    else setTimeout(() => this.#say(seen, script), script.delayMs);
  }

  #say(seen: SeenRequest, script: AnswerScript): void {
    const isHead = seen.method === 'HEAD' && script.headLength >= 0;
    let text = isHead ? script.text.slice(0, script.headLength) : script.text;
    if (text.includes('{accept}')) {
      text = text.replaceAll(
        '{accept}',
        acceptOf(valuesOf(seen.fields, 'sec-websocket-key')[0] ?? ''),
      );
    }
    seen.said = text;
    const isUpgrade = valuesOf(seen.fields, 'upgrade').length > 0;
    if (isUpgrade && /^HTTP\/1\.1 101|\r\n\r\nHTTP\/1\.1 101/.test(text)) this.#isOver = true;
    let from = 0;
    for (const cut of script.cuts) {
      if (cut >= text.length) break;
      this.#write(text.slice(from, cut));
      from = cut;
    }
    this.#write(text.slice(from));
    if (this.#isOver) this.#leave(script);
    else if (script.end !== 'keep') {
      this.#isOver = true;
      this.#leave(script);
    } else this.#next(seen);
  }

  #next(seen: SeenRequest): void {
    this.#last = seen;
    this.#isAnswering = false;
    // An early answer goes out whole before the body is there; nothing but the rest of it may follow.
    if (seen.isWhole) this.#present = null;
    else this.#isOver = true;
  }

  #leave({ end }: AnswerScript): void {
    if (end === 'fin') this.#socket.end();
    else if (end === 'reset') {
      // A reset overtakes what was not sent yet.
      setImmediate(() => this.#below.resetAndDestroy());
    }
  }

  #write(text: string): void {
    if (text !== '' && !this.#socket.destroyed) this.#socket.write(text, 'latin1');
  }

  #complain(problem: string): void {
    this.#ledger.complain(this.#index, problem);
  }
}
