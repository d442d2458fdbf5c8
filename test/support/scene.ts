import { constants } from 'node:http2';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { Gateway } from './gateway.ts';
import type { Plan } from './gateway-yaml.ts';
import { lane } from './lane.ts';
import { logIn, type Login } from './login.ts';
import { RawClient, type RawResponse } from './raw-client.ts';
import { ok, RecordingUpstream, type ReceivedRequest } from './recording-upstream.ts';
import type { UpstreamOptions } from './recording-upstream.ts';
import { TranslatedClient } from './translated-client.ts';

/** What came of bytes that were written at the edge. */
export interface Outcome {
  readonly response: RawResponse;
  /** What the upstream got of it, read strictly. */
  readonly forwarded: readonly ReceivedRequest[];
}

/** A gateway with a recording upstream behind it and somebody logged in, shared by the tests of a file. */
export class Scene {
  #stack = new AsyncDisposableStack();
  #gateway: Gateway | undefined;
  #upstream: RecordingUpstream | undefined;
  #login: Login | undefined;
  #mark = 0;

  get gateway(): Gateway {
    if (this.#gateway === undefined) throw new Error('the scene is not set');
    return this.#gateway;
  }

  get upstream(): RecordingUpstream {
    if (this.#upstream === undefined) throw new Error('the scene is not set');
    return this.#upstream;
  }

  /** A live session of user1, as a Cookie field carries it. */
  get cookie(): string {
    return this.login.cookie;
  }

  get login(): Login {
    if (this.#login === undefined) throw new Error('the scene is not set');
    return this.#login;
  }

  async set(plan: Omit<Plan, 'upstreamPorts'>, options: UpstreamOptions): Promise<void> {
    this.#upstream = this.#stack.use(await RecordingUpstream.start(options));
    const upstreamPorts = [this.#upstream.port];
    this.#gateway = this.#stack.use(await Gateway.planned({ ...plan, upstreamPorts }));
    this.#login = await logIn(this.#gateway.edge);
  }

  async strike(): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /** From here on `forwarded` begins afresh. */
  mark(): void {
    this.#mark = this.upstream.requests.length;
  }

  /** What the upstream got since the mark, in the order in which it came. */
  forwarded(): ReceivedRequest[] {
    return this.upstream.requests.slice(this.#mark);
  }

  /** A client of HTTP/1.1. */
  async connect(): Promise<RawClient> {
    if (lane === 'http2') throw new Error('a test of octets runs over HTTP/2: itOnHttp1');
    return await RawClient.connect(this.gateway.edge);
  }

  /** Writes the bytes on a connection of their own and reads one answer. */
  async send(bytes: string | Buffer): Promise<Outcome> {
    this.mark();
    if (lane === 'http2') {
      await using client = await TranslatedClient.connect(this.gateway.edge);
      const { response } = await client.ask(bytes);
      if (response === null) throw new Error('a stream without an answer');
      return { response, forwarded: this.forwarded() };
    }
    await using client = await this.connect();
    const response = await client.write(bytes).response(methodOf(bytes));
    return { response, forwarded: this.forwarded() };
  }

  /**
   * These bytes are refused with this status by an answer of our own, exactly one; the connection is closed so that the
   * client can read it; nothing of it reaches the upstream; and the gateway goes on serving. On HTTP/2 the framing layer
   * may refuse first, by a reset of the stream, and only the stream ends unless somebody tries to be read in two ways.
   */
  async refuses(bytes: string | Buffer, status: number): Promise<RawResponse> {
    this.mark();
    if (lane === 'http2') return await this.#refusesStream(bytes, status);
    await using client = await this.connect();
    const response = await client.write(bytes).response(methodOf(bytes));
    expect(response.status, response.startLine).toBe(status);
    expect(response.value('connection')).toBe('close');
    expect(await client.closed()).toBe('end');
    expect(client.pending.toString('latin1'), 'bytes after the refusal').toBe('');
    await this.#expectUntouched();
    return response;
  }

  async #refusesStream(bytes: string | Buffer, status: number): Promise<RawResponse> {
    await using client = await TranslatedClient.connect(this.gateway.edge);
    const { response, code } = await client.ask(bytes);
    if (response === null) expect(code).not.toBe(constants.NGHTTP2_NO_ERROR);
    else expect(response.status, response.startLine).toBe(status);
    await this.#expectUntouched();
    return response ?? resetAnswer;
  }

  /** An answer of our own with this status that keeps the connection; nothing reaches the upstream. */
  async declines(bytes: string | Buffer, status: number): Promise<RawResponse> {
    this.mark();
    if (lane === 'http2') return await this.#declinesStream(bytes, status);
    await using client = await this.connect();
    const response = await client.write(bytes).response(methodOf(bytes));
    expect(response.status, response.startLine).toBe(status);
    expect(this.forwarded()).toEqual([]);
    const next = await client.write(probe('/public/next')).response();
    expect(next.status, 'the next request on the connection').toBe(200);
    await this.#expectUntouched(1);
    return response;
  }

  async #declinesStream(bytes: string | Buffer, status: number): Promise<RawResponse> {
    await using client = await TranslatedClient.connect(this.gateway.edge);
    const { response } = await client.ask(bytes);
    if (response === null) throw new Error('a stream without an answer');
    expect(response.status, response.startLine).toBe(status);
    expect(this.forwarded()).toEqual([]);
    const next = await client.ask(probe('/public/next'));
    expect(next.response?.status, 'the next request on the connection').toBe(200);
    await this.#expectUntouched(1);
    return response;
  }

  /** These bytes are one request, answered by the upstream; gives what the upstream got. */
  async passes(bytes: string | Buffer, status = 200): Promise<ReceivedRequest> {
    const { response, forwarded } = await this.send(bytes);
    expect(response.status, response.startLine).toBe(status);
    expect(forwarded, 'requests at the upstream').toHaveLength(1);
    const [request] = forwarded;
    if (request === undefined) throw new Error('nothing was forwarded');
    return request;
  }

  async #expectUntouched(more = 0): Promise<void> {
    await using client = await RawClient.connect(this.gateway.edge);
    const after = await client.write(probe('/public/probe')).response();
    expect(after.status, 'a request after it').toBe(200);
    const targets = this.forwarded().map((request) => request.target);
    expect(targets.slice(more)).toEqual(['/public/probe']);
    expect(this.upstream.problems).toEqual([]);
  }
}

function probe(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

function methodOf(bytes: string | Buffer): string {
  return bytes.toString('latin1').split(' ', 1)[0] === 'HEAD' ? 'HEAD' : 'GET';
}

/** Stands for a stream that the framing layer has reset: nothing was said. */
const resetAnswer: RawResponse = {
  version: 'HTTP/2',
  status: 0,
  reason: '',
  informational: [],
  startLine: '',
  fields: [],
  framing: 'none',
  trailers: [],
  body: Buffer.alloc(0),
  value: () => undefined,
  values: () => [],
  text: () => '',
};

/** Sets the scene for the tests of the suite in which it is called, and strikes it after the last. */
export function useScene(
  plan: Omit<Plan, 'upstreamPorts'> = {},
  options: UpstreamOptions = {},
): Scene {
  const scene = new Scene();
  beforeAll(() => scene.set(plan, options));
  beforeEach(() => {
    scene.upstream.answer = options.answer ?? ok();
    scene.upstream.problems.length = 0;
    scene.mark();
  });
  afterAll(() => scene.strike());
  return scene;
}

/** Both sets of answers. Refusals of the parser are the same in both; a row that differs says so. */
export const bothAnswers = ['modern', 'tyke'] as const;
