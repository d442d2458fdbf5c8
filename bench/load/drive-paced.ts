import { performance } from 'node:perf_hooks';
import { KeptConnection, requestText } from '../processes/kept-connection.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadResult } from './load-job.ts';

/** Between looks at the clock while no answer comes. */
const tickMs = 1;
/** Somebody who is slower than asked has so much longer. */
const graceMs = 30_000;

/**
 * Requests at a fixed rate. A latency is counted from when the request was due, not from when it could be sent: where an
 * answer makes those behind it wait, they all are late, as people behind it would be (coordinated omission).
 */
export async function drivePaced(job: LoadJob): Promise<LoadResult> {
  const { cookies, durationSeconds, path, port } = job;
  const perMs = (job.requestsPerSecond ?? 0) / 1000;
  const wanted = Math.round(perMs * durationSeconds * 1000);
  if (wanted === 0) throw new Error('no rate was given');
  const free = await Promise.all(
    Array.from({ length: job.connections }, () => KeptConnection.open(port)),
  );
  const all = [...free];
  const texts = cookies.map((cookie) => requestText(path, cookie));
  const latencies = new LatencyHistogram();
  const statuses: Record<string, number> = {};
  const over = Promise.withResolvers<void>();
  const startMs = performance.now();
  let [sent, answered] = [0, 0];
  const send = async (connection: KeptConnection): Promise<void> => {
    const dueMs = startMs + sent / perMs;
    const text = texts[sent % texts.length] ?? '';
    sent += 1;
    const { status } = await connection.ask(text);
    latencies.add(performance.now() - dueMs);
    statuses[status] = (statuses[status] ?? 0) + 1;
    free.push(connection);
    answered += 1;
    if (answered === wanted) over.resolve();
    else sendDue();
  };
  const sendDue = (): void => {
    // Those for whom no connection is free are sent when one is, and are late.
    const due = Math.min(wanted, (performance.now() - startMs) * perMs);
    while (sent < due) {
      const connection = free.shift();
      if (connection === undefined) return;
      send(connection).catch(over.reject);
    }
  };
  const timer = setInterval(sendDue, tickMs);
  const end = setTimeout(
    () => over.reject(new Error('not all requests were answered')),
    durationSeconds * 1000 + graceMs,
  );
  try {
    await over.promise;
  } finally {
    clearInterval(timer);
    clearTimeout(end);
    for (const connection of all) connection.close();
  }
  const seconds = (performance.now() - startMs) / 1000;
  return { durationSeconds: seconds, statuses, errors: 0, ...latencies.percentiles };
}
