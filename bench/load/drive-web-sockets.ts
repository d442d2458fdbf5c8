import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadResult } from './load-job.ts';

/** Of a chat or of a small update. */
const message = Buffer.alloc(128, 'm');

/** Sockets on each of which one message after the other goes and comes back; a message that comes back counts as 101. */
export async function driveWebSockets(job: LoadJob): Promise<LoadResult> {
  const latencies = new LatencyHistogram();
  let messages = 0;
  let errors = 0;
  const sockets = await Promise.all(
    Array.from({ length: job.connections }, (_, index) => open(job, index)),
  );
  const startedMs = performance.now();
  const endMs = startedMs + job.durationSeconds * 1000;
  await Promise.all(
    sockets.map(async (socket) => {
      const over = Promise.withResolvers<void>();
      let sentMs = performance.now();
      socket.on('message', () => {
        const nowMs = performance.now();
        messages += 1;
        latencies.add(nowMs - sentMs);
        sentMs = nowMs;
        if (nowMs < endMs) socket.send(message);
        else over.resolve();
      });
      socket.on('close', () => {
        errors += 1;
        over.resolve();
      });
      socket.send(message);
      await over.promise;
      socket.removeAllListeners('close').terminate();
    }),
  );
  return {
    durationSeconds: (performance.now() - startedMs) / 1000,
    statuses: { 101: messages },
    errors,
    ...latencies.percentiles,
  };
}

async function open({ port, path, cookies }: LoadJob, index: number): Promise<WebSocket> {
  const cookie = cookies[index % cookies.length] ?? '';
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
    headers: { cookie, origin: `http://127.0.0.1:${port}` },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  return socket;
}
