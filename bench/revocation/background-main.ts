import { setTimeout as pause } from 'node:timers/promises';
import { LatencyHistogram } from '../load/latency-histogram.ts';
import { requestText } from '../processes/kept-connection.ts';
import type { BackgroundJob, BackgroundResult } from './background-job.ts';
import { connectToWorkers } from './worker-connections.ts';

const connectionsPerWorker = 4;
const tickMs = 2;

let isOver = false;
let counted = emptyCount();

interface Count {
  requests: number;
  readonly statuses: Record<string, number>;
  readonly latencies: LatencyHistogram;
}

function emptyCount(): Count {
  return { requests: 0, statuses: {}, latencies: new LatencyHistogram() };
}

async function serve(job: BackgroundJob): Promise<BackgroundResult> {
  const { signal } = new AbortController();
  const byWorker = await Promise.all(
    job.nodes.map((node) => connectToWorkers(node, connectionsPerWorker, signal)),
  );
  const connections = byWorker.flat(2);
  const requests = job.cookies.map((cookie) => requestText('/api/hello', cookie));
  let sent = 0;
  let underWay = 0;
  /** A connection that broke: the run is worth nothing. */
  let failure: unknown = null;
  const startedAtMs = performance.now();
  const send = async (): Promise<void> => {
    const connection = connections[sent % connections.length];
    const request = requests[sent % requests.length];
    sent += 1;
    if (connection === undefined || request === undefined) return;
    underWay += 1;
    const sentAtMs = performance.now();
    try {
      const { status } = await connection.ask(request);
      counted.latencies.add(performance.now() - sentAtMs);
      counted.statuses[status] = (counted.statuses[status] ?? 0) + 1;
      counted.requests += 1;
    } catch (error) {
      failure ??= error;
    } finally {
      underWay -= 1;
    }
  };
  process.send?.('running');
  while (!isOver) {
    const due = ((performance.now() - startedAtMs) * job.requestsPerSecond) / 1_000;
    while (sent < due) void send();
    await pause(tickMs);
  }
  while (underWay > 0) await pause(tickMs);
  for (const one of connections) one.close();
  if (failure !== null) throw failure;
  const { latencies, requests: answered, statuses } = counted;
  return {
    requests: answered,
    statuses,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
  };
}

// A job in, `running` when it runs; `begin` counts from there; `finish` ends it, and a result comes out.
process.on('message', (message) => {
  if (message === 'begin') {
    counted = emptyCount();
    process.send?.('begun');
    return;
  }
  if (message === 'finish') {
    isOver = true;
    return;
  }
  // A message between our own two processes, of the one type that the parent sends.
  serve(message as BackgroundJob).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.(String(error)),
  );
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
