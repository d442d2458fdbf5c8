import { Agent as ClearAgent, request as requestInTheClear } from 'node:http';
import { Agent as SecureAgent, request as requestSecurely } from 'node:https';
import type { Clock } from '../lib/clock.ts';

/** What a node said of a session. `other`: neither yes nor no, such as 503 or no answer. */
export interface Probing {
  readonly verdict: 'accepted' | 'refused' | 'other';
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  readonly status: number | null;
}

export interface NodeProbeParts {
  /** Where a request needs a session and does nothing. */
  readonly url: URL;
  readonly ca: string | null;
  readonly clock: Clock;
}

const timeoutMs = 10_000;
const refusals: ReadonlySet<number> = new Set([302, 401, 403]);

/** One connection to a node, kept: it stays with the worker that it came to. */
export class NodeProbe {
  readonly url: URL;
  readonly #clock: Clock;
  readonly #send: (cookie: string) => ReturnType<typeof requestInTheClear>;
  readonly #agent: ClearAgent | SecureAgent;

  constructor({ ca, clock, url }: NodeProbeParts) {
    this.url = url;
    this.#clock = clock;
    const kept = { keepAlive: true, maxSockets: 1 };
    if (url.protocol === 'https:') {
      const agent = new SecureAgent({ ...kept, ...(ca !== null && { ca }) });
      this.#agent = agent;
      this.#send = (cookie) => requestSecurely(url, { agent, headers: { Cookie: cookie } });
    } else {
      const agent = new ClearAgent(kept);
      this.#agent = agent;
      this.#send = (cookie) => requestInTheClear(url, { agent, headers: { Cookie: cookie } });
    }
  }

  /** Never rejects. */
  ask(cookie: string): Promise<Probing> {
    const { promise, resolve } = Promise.withResolvers<Probing>();
    const sentAtMs = this.#clock.monotonic();
    const done = (status: number | null): void =>
      resolve({
        verdict: verdictOf(status),
        sentAtMs,
        answeredAtMs: this.#clock.monotonic(),
        status,
      });
    const sent = this.#send(cookie);
    sent.setTimeout(timeoutMs, () => sent.destroy());
    sent.on('error', () => done(null));
    sent.on('response', (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode ?? null));
      response.on('error', () => done(null));
    });
    sent.end();
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

function verdictOf(status: number | null): Probing['verdict'] {
  if (status === 200) return 'accepted';
  return status !== null && refusals.has(status) ? 'refused' : 'other';
}
