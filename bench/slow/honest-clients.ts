import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { LatencyHistogram } from '../load/latency-histogram.ts';
import { ask } from '../processes/ask.ts';

export interface HonestResult {
  readonly requests: number;
  readonly failures: number;
  readonly p99Ms: number;
}

const clients = 8;
const pauseMs = 5;

/** Some people at another address than the attackers', who ask one thing after the other. */
export async function measureHonest(
  port: number,
  cookies: readonly string[],
  seconds: number,
  signal: AbortSignal,
): Promise<HonestResult> {
  const latencies = new LatencyHistogram();
  const endMs = performance.now() + seconds * 1000;
  let requests = 0;
  let failures = 0;
  const run = async (client: number): Promise<void> => {
    const options = { keepAlive: true, maxSockets: 1, localAddress: '127.0.0.2' };
    const agent = new http.Agent(options);
    const fields = { cookie: cookies[client % cookies.length] ?? '' };
    while (performance.now() < endMs && !signal.aborted) {
      const beganMs = performance.now();
      try {
        const { status } = await ask({ port, path: '/api/bulk/22', fields, agent });
        if (status !== 200) failures += 1;
      } catch {
        failures += 1;
      }
      requests += 1;
      latencies.add(performance.now() - beganMs);
      await pause(pauseMs);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)));
  return { requests, failures, p99Ms: latencies.quantileMs(0.99) };
}
