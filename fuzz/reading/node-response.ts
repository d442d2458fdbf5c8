import { createRequire } from 'node:module';

/** The binding that `node:http` reads with, as far as it is used here. */
interface NodeParser {
  initialize(type: number, resource: object, headBytesMax: number, leniency: number): void;
  execute(bytes: Buffer): number | Error;
  finish(): unknown;
  [callback: number]: unknown;
}

interface NodeParserClass {
  new (): NodeParser;
  readonly RESPONSE: number;
  readonly kOnMessageBegin: number;
  readonly kOnHeaders: number;
  readonly kOnHeadersComplete: number;
  readonly kOnBody: number;
  readonly kOnMessageComplete: number;
  readonly kLenientNone: number;
}

// No types exist for it: what reads upstreams' answers in Node is a second opinion on how we read them.
const { HTTPParser } = createRequire(import.meta.url)('node:_http_common') as {
  readonly HTTPParser: NodeParserClass;
};

const HEAD_BYTES_MAX = 1 << 20;
/** For the parser: there is no body, whatever the fields say. */
const SKIPS_BODY = 1;

export interface ResponseReading {
  status: number;
  /** Lower-case names and values in turn. */
  fields: string[];
  body: string;
  isWhole: boolean;
  /** Another exchange may follow on the connection. */
  isKept: boolean;
}

export interface AnswerReading {
  /** The first that is no 1xx; null: there is none, or it cannot be read. */
  readonly final: ResponseReading | null;
  readonly informational: number;
  /** Something came behind it. */
  readonly hasExcess: boolean;
  readonly isRefused: boolean;
}

/** Node's own parser, strict, over one answer of an upstream. */
export class NodeResponseReader {
  readonly #parser = new HTTPParser();
  #readings: ResponseReading[] = [];
  #fields: string[] = [];
  #isHead = false;

  constructor() {
    const parser = this.#parser;
    parser[HTTPParser.kOnHeaders] = (fields: string[]): void => {
      this.#fields.push(...fields);
    };
    parser[HTTPParser.kOnHeadersComplete] = this.#headRead.bind(this);
    parser[HTTPParser.kOnBody] = (bytes: Buffer): void => {
      const present = this.#readings.at(-1);
      if (present !== undefined) present.body += bytes.toString('latin1');
    };
    parser[HTTPParser.kOnMessageComplete] = (): void => {
      const present = this.#readings.at(-1);
      if (present !== undefined) present.isWhole = true;
      this.#fields = [];
    };
  }

  /** `isOver`: nothing comes behind it, and the end of the connection is regular. */
  read(text: string, method: string, isOver: boolean): AnswerReading {
    this.#readings = [];
    this.#fields = [];
    this.#isHead = method === 'HEAD';
    this.#parser.initialize(HTTPParser.RESPONSE, {}, HEAD_BYTES_MAX, HTTPParser.kLenientNone);
    const bytes = Buffer.from(text, 'latin1');
    const result = bytes.length === 0 ? 0 : this.#parser.execute(bytes);
    const isRefused = typeof result !== 'number';
    if (isOver && !isRefused) this.#parser.finish();
    const finalAt = this.#readings.findIndex(({ status }) => status >= 200);
    const final = this.#readings[finalAt] ?? null;
    return {
      final,
      informational: finalAt < 0 ? this.#readings.length : finalAt,
      hasExcess:
        final?.isWhole === true &&
        (isRefused || this.#readings.length > finalAt + 1 || result !== bytes.length),
      isRefused: isRefused && final?.isWhole !== true,
    };
  }

  #headRead(
    _major: number,
    _minor: number,
    fields: string[] | undefined,
    _method: number,
    _target: string | undefined,
    status: number,
    _reason: string,
    _isUpgrade: boolean,
    isKept: boolean,
  ): number {
    const all = (fields ?? this.#fields).map((text, at) =>
      at % 2 === 0 ? text.toLowerCase() : text,
    );
    this.#readings.push({ status, fields: all, body: '', isWhole: false, isKept });
    this.#fields = [];
    return this.#isHead && status >= 200 ? SKIPS_BODY : 0;
  }
}
