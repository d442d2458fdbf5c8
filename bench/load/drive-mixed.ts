import { performance } from 'node:perf_hooks';
import { KeptConnection, requestText } from '../processes/kept-connection.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { LoadJob, LoadLogin, LoadResult } from './load-job.ts';

/** Between a login and its logout. */
const reads = 98;

function loginText({ password, username }: LoadLogin): string {
  const body = JSON.stringify({ username, password });
  return (
    'POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${body.length}\r\n\r\n${body}`
  );
}

/** On each connection people who log in, read, log out, and are refused when they read once more. */
export async function driveMixed(job: LoadJob): Promise<LoadResult> {
  const latencies = new LatencyHistogram();
  const statuses: Record<string, number> = {};
  const startMs = performance.now();
  const endMs = startMs + job.durationSeconds * 1000;
  let errors = 0;
  const live = async (connection: KeptConnection, login: LoadLogin): Promise<void> => {
    const ask = async (text: string, expected: number): Promise<string> => {
      const sentMs = performance.now();
      const { head, status } = await connection.ask(text);
      latencies.add(performance.now() - sentMs);
      // What is as it must be counts as 200.
      const counted = status === expected ? 200 : status;
      statuses[counted] = (statuses[counted] ?? 0) + 1;
      return head;
    };
    while (performance.now() < endMs) {
      const head = await ask(loginText(login), 200);
      const cookie = /\r\nset-cookie: *([^;\r]+)/i.exec(head)?.[1];
      if (cookie === undefined) {
        errors += 1;
        return;
      }
      const read = requestText(job.path, cookie);
      for (let count = 0; count < reads && performance.now() < endMs; count += 1) {
        await ask(read, 200);
      }
      await ask(requestText('/auth/logout', cookie), 200);
      await ask(read, 401);
    }
  };
  const { logins = [] } = job;
  await Promise.all(
    Array.from({ length: job.connections }, async (_, index) => {
      const login = logins[index % logins.length];
      if (login === undefined) throw new Error('nobody can log in');
      const connection = await KeptConnection.open(job.port);
      try {
        await live(connection, login);
      } finally {
        connection.close();
      }
    }),
  );
  const durationSeconds = (performance.now() - startMs) / 1000;
  return { durationSeconds, statuses, errors, ...latencies.percentiles };
}
