import type { Socket } from 'node:net';
import { playRequest, type StormEnd } from './storm-client.ts';
import { planRequest } from './storm-plan.ts';

export interface StormOptions {
  readonly seed: number;
  /** Number of the first request; with the seed it says what the requests are. */
  readonly first: number;
  readonly requests: number;
  readonly concurrency: number;
  readonly port: number;
  readonly cookie: string;
  readonly forgedCookie: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

/** How the requests ended: answered by status, the others by kind. */
export interface StormTally {
  readonly answered: Readonly<Record<string, number>>;
  readonly left: number;
  readonly broken: number;
  readonly hung: number;
  /** Numbers of hung requests, to replay them; at most ten. */
  readonly hungNumbers: readonly number[];
}

/** Above the longest time that the gateway of a storm allows anything. */
const hungAfterMs = 15_000;

/** Loopback addresses that clients connect from: each has some 28,000 ports, and used ones rest for a while. */
const clientAddresses = 100;

class Tally {
  readonly #answered = new Map<string, number>();
  readonly #kinds = { left: 0, broken: 0, hung: 0 };
  readonly #hungNumbers: number[] = [];

  add(number: number, end: StormEnd): void {
    if (end.kind === 'answered') {
      const status = String(end.status);
      this.#answered.set(status, (this.#answered.get(status) ?? 0) + 1);
      return;
    }
    this.#kinds[end.kind] += 1;
    if (end.kind === 'hung' && this.#hungNumbers.length < 10) this.#hungNumbers.push(number);
  }

  result(): StormTally {
    const answered = Object.fromEntries([...this.#answered].toSorted());
    return { answered, ...this.#kinds, hungNumbers: this.#hungNumbers };
  }
}

/** Plays the requests, so many at a time; each client may use its connection for the next one. */
export async function playStorm(options: StormOptions): Promise<StormTally> {
  const { seed, port, signal } = options;
  const tally = new Tally();
  let next = options.first;
  let done = 0;
  const end = options.first + options.requests;
  const playInTurn = async (): Promise<void> => {
    let socket: Socket | null = null;
    while (next < end) {
      if (signal.aborted) break;
      const number = next;
      next += 1;
      const plan = planRequest(seed, number);
      const outcome: StormEnd = await playRequest(plan, {
        port,
        cookie: plan.isForged ? options.forgedCookie : options.cookie,
        hungAfterMs,
        socket,
        localAddress: `127.0.1.${1 + (number % clientAddresses)}`,
      });
      socket = outcome.kind === 'answered' ? outcome.socket : null;
      tally.add(number, outcome);
      done += 1;
      if (done % 1000 === 0) options.onProgress?.(done);
    }
    socket?.destroy();
  };
  await Promise.all(Array.from({ length: options.concurrency }, playInTurn));
  signal.throwIfAborted();
  return tally.result();
}
