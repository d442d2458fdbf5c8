import { performance } from 'node:perf_hooks';
import { requestText } from '../processes/kept-connection.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadResult } from './load-job.ts';
import { PacedConnection } from './paced-connection.ts';

/** Between looks at the clock while no answer comes. */
const tickMs = 1;
/** Somebody who is slower than asked has so much longer. */
const graceMs = 30_000;
/** New connections and the first requests on them are no steady load: latencies of what is due in this time are not counted. */
const leadInMs = 500;

/**
 * Requests at a fixed rate. A latency is counted from when the request was due, not from when it could be sent: where an
 * answer makes those behind it wait, they all are late, as people behind it would be (coordinated omission).
 */
export async function drivePaced(job: LoadJob): Promise<LoadResult> {
  const perMs = (job.requestsPerSecond ?? 0) / 1000;
  const wanted = Math.round(perMs * (leadInMs + job.durationSeconds * 1000));
  if (!(perMs * job.durationSeconds * 1000 >= 1)) throw new Error('no rate was given');
  const over = Promise.withResolvers<void>();
  // A connection may fail before anybody waits.
  over.promise.catch(() => {});
  const pace = new Pace(job, perMs, wanted, over.resolve);
  const connections: PacedConnection[] = [];
  let [timer, end]: (NodeJS.Timeout | undefined)[] = [];
  try {
    for (let count = 0; count < job.connections; count += 1) {
      connections.push(await PacedConnection.open(job.port, pace.answered, over.reject));
    }
    pace.begin(connections);
    timer = setInterval(() => pace.sendDue(), tickMs);
    const patienceMs = leadInMs + job.durationSeconds * 1000 + graceMs;
    end = setTimeout(() => over.reject(new Error('not all requests were answered')), patienceMs);
    await over.promise;
  } finally {
    clearInterval(timer);
    clearTimeout(end);
    for (const connection of connections) connection.close();
  }
  return {
    durationSeconds: (performance.now() - pace.startMs) / 1000,
    statuses: Object.fromEntries(pace.statuses),
    errors: 0,
    ...pace.latencies.percentiles,
  };
}

class Pace {
  readonly latencies = new LatencyHistogram();
  /** Of all answers, those of the lead-in as well. */
  readonly statuses = new Map<number, number>();
  startMs = 0;
  readonly #texts: readonly string[];
  readonly #perMs: number;
  readonly #wanted: number;
  readonly #over: () => void;
  readonly #free: PacedConnection[] = [];
  #sent = 0;
  #answered = 0;

  constructor({ cookies, path }: LoadJob, perMs: number, wanted: number, over: () => void) {
    this.#texts = cookies.map((cookie) => requestText(path, cookie));
    this.#perMs = perMs;
    this.#wanted = wanted;
    this.#over = over;
  }

  begin(connections: readonly PacedConnection[]): void {
    this.#free.push(...connections);
    this.startMs = performance.now();
  }

  /** Those for whom no connection is free are sent when one is, and are late. */
  sendDue(): void {
    const due = Math.min(this.#wanted, (performance.now() - this.startMs) * this.#perMs);
    while (this.#sent < due) {
      const connection = this.#free.shift();
      if (connection === undefined) return;
      const text = this.#texts[this.#sent % this.#texts.length] ?? '';
      connection.ask(text, this.startMs + this.#sent / this.#perMs);
      this.#sent += 1;
    }
  }

  readonly answered = (connection: PacedConnection, status: number): void => {
    if (connection.dueMs >= this.startMs + leadInMs) {
      this.latencies.add(performance.now() - connection.dueMs);
    }
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
    this.#free.push(connection);
    this.#answered += 1;
    if (this.#answered === this.#wanted) this.#over();
    else this.sendDue();
  };
}
