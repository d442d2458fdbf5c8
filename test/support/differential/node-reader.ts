import { METHODS } from 'node:http';
import { createRequire } from 'node:module';
import type { Reading, RequestReading } from './reading.ts';

/** The binding that `node:http` reads with, as far as it is used here. */
interface NodeParser {
  initialize(type: number, resource: object, headBytesMax: number, leniency: number): void;
  execute(bytes: Buffer): number | Error;
  [callback: number]: unknown;
}

interface NodeParserClass {
  new (): NodeParser;
  readonly REQUEST: number;
  readonly kOnMessageBegin: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kLenientNone: number;
}

// No types exist for it: a connection of its own for each of some hundred thousand messages would take minutes.
const { HTTPParser } = createRequire(import.meta.url)('node:_http_common') as {
  readonly HTTPParser: NodeParserClass;
};

/** Above all limits of ours, so that Node never refuses for the size alone. */
const HEAD_BYTES_MAX = 1 << 20;

/**
 * Node's own parser, strict, without a server around it: every request that it sees, also behind one that asks for an
 * upgrade that nobody gives. (`node:http` loses what came with the octets of such a request.)
 */
export class NodeReader {
  readonly #parser = new HTTPParser();
  /** The binding gives methods as numbers; which is which it says itself. */
  readonly #methods = new Map<number, string>();
  #requests: RequestReading[] = [];
  #present: RequestReading | null = null;
  /** Node hands over the fields of a long head, and trailers, piece by piece. */
  #fields: string[] = [];
  #target = '';
  #lastMethod = -1;

  constructor() {
    const parser = this.#parser;
    parser[HTTPParser.kOnHeaders] = (fields: string[], target: string): void => {
      this.#fields.push(...fields);
      this.#target += target;
    };
    parser[HTTPParser.kOnHeadersComplete] = this.#headRead.bind(this);
    parser[HTTPParser.kOnBody] = (bytes: Buffer): void => {
      if (this.#present !== null) this.#present.body += bytes.toString('latin1');
    };
    parser[HTTPParser.kOnMessageComplete] = (): void => {
      if (this.#present !== null) this.#present.isWhole = true;
      this.#present = null;
      this.#fields = [];
      this.#target = '';
    };
    for (const method of METHODS) this.#learn(method);
  }

  read(bytes: Buffer): Reading {
    this.#requests = [];
    this.#present = null;
    this.#fields = [];
    this.#target = '';
    this.#parser.initialize(HTTPParser.REQUEST, {}, HEAD_BYTES_MAX, HTTPParser.kLenientNone);
    let used = 0;
    while (used < bytes.length) {
      const result = this.#parser.execute(used === 0 ? bytes : bytes.subarray(used));
      if (typeof result !== 'number') {
        return {
          requests: this.#requests,
          end: 'refused',
          reason: String(Reflect.get(result, 'code')),
        };
      }
      if (result === 0) return { requests: this.#requests, end: 'refused', reason: 'stands still' };
      used += result;
    }
    return { requests: this.#requests, end: 'open', reason: '' };
  }

  #learn(method: string): void {
    const target = method === 'CONNECT' ? 'a:1' : '/';
    const { requests } = this.read(Buffer.from(`${method} ${target} HTTP/1.1\r\n\r\n`));
    this.#methods.set(this.#lastMethod, method);
    if (requests.length !== 1) throw new Error(`Node does not read ${method}`);
  }

  #headRead(
    major: number,
    minor: number,
    fields: string[] | undefined,
    method: number,
    target: string | undefined,
  ): number {
    this.#lastMethod = method;
    this.#present = {
      method: this.#methods.get(method) ?? `method ${String(method)}`,
      target: target ?? this.#target,
      version: `${String(major)}.${String(minor)}`,
      fields: fields ?? this.#fields,
      body: '',
      isWhole: false,
    };
    this.#fields = [];
    this.#target = '';
    this.#requests.push(this.#present);
    return 0;
  }
}
