import net from 'node:net';
import { LatencyHistogram } from '../load/latency-histogram.ts';
import { paced } from './paced.ts';

export interface ProxiedJob {
  readonly kind: 'proxied';
  readonly port: number;
  readonly perSecond: number;
  readonly seconds: number;
  /** Values of the Cookie field, one for each connection. */
  readonly cookies: readonly string[];
}

export interface ProxiedResult {
  readonly answered: number;
  /** Answers that were not 200, and connections that broke. */
  readonly faults: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A kept connection on which one request at a time is sent. */
class Line {
  readonly #socket: net.Socket;
  readonly #request: string;
  #text = '';
  #done: ((isOk: boolean) => void) | null = null;

  constructor(port: number, cookie: string) {
    this.#request = `GET /api/x HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`;
    this.#socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#read(text));
    this.#socket.on('error', () => this.#settle(false));
    this.#socket.on('close', () => this.#settle(false));
  }

  ask(done: (isOk: boolean) => void): void {
    this.#done = done;
    if (this.#socket.destroyed) this.#settle(false);
    else this.#socket.write(this.#request);
  }

  end(): void {
    this.#socket.destroy();
  }

  #read(text: string): void {
    this.#text += text;
    const end = this.#text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, end))?.[1]);
    if (this.#text.length < end + 4 + length) return;
    const isOk = this.#text.startsWith('HTTP/1.1 200 ');
    this.#text = '';
    this.#settle(isOk);
  }

  #settle(isOk: boolean): void {
    const done = this.#done;
    this.#done = null;
    done?.(isOk);
  }
}

/** Requests with sessions, at an even pace; times are counted from when a request was due. */
export async function loadProxied(job: ProxiedJob): Promise<ProxiedResult> {
  const free = job.cookies.map((cookie) => new Line(job.port, cookie));
  const all = [...free];
  const waiting: number[] = [];
  const latencies = new LatencyHistogram();
  const over = Promise.withResolvers<void>();
  let [answered, faults, open] = [0, 0, Math.round(job.perSecond * job.seconds)];
  const send = (line: Line, dueMs: number): void => {
    line.ask((isOk) => {
      latencies.add(performance.now() - dueMs);
      if (isOk) answered += 1;
      else faults += 1;
      open -= 1;
      if (open === 0) over.resolve();
      const next = waiting.shift();
      if (next === undefined) free.push(line);
      else send(line, next);
    });
  };
  await paced(job.perSecond, job.seconds, (_index, dueMs) => {
    // In turn: a connection that nobody uses is closed.
    const line = free.shift();
    if (line === undefined) waiting.push(dueMs);
    else send(line, dueMs);
  });
  await over.promise;
  for (const line of all) line.end();
  return { answered, faults, p50Ms: latencies.quantileMs(0.5), p99Ms: latencies.quantileMs(0.99) };
}
