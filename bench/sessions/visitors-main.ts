import { randomBytes } from 'node:crypto';
import { loadConfig } from '../../src/config/load.ts';
import { cookieNameFor } from '../../src/http/set-cookie.ts';
import { KeptConnection, requestText } from '../processes/kept-connection.ts';
import { TokenShelf } from './session-tokens.ts';
import type { VisitJob, VisitResult } from './visit-job.ts';

const connections = 64;
/** Requests that are sent on a connection before the first is answered, where no latency is measured. */
const depth = 8;
const path = '/api/hello';

let shelf: TokenShelf | null = null;
let cookieName = '';
/** Goes on from one job to the next: no session is likelier than another to be still in a processor's cache. */
let state = randomBytes(4).readUInt32LE();

function random(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function requestOf(index: number): string {
  if (shelf === null) throw new Error('no tokens yet');
  return requestText(path, `${cookieName}=${shelf.tokenOf(index)}`);
}

/** Requests over all connections until `next` gives none; so many at once on each. */
async function visit(
  port: number,
  atOnce: number,
  next: () => number | null,
): Promise<VisitResult> {
  const statuses: Record<string, number> = {};
  let requests = 0;
  const run = async (connection: KeptConnection): Promise<void> => {
    for (let index = next(); index !== null; index = next()) {
      const { status } = await connection.ask(requestOf(index));
      statuses[status] = (statuses[status] ?? 0) + 1;
      requests += 1;
    }
  };
  const open = await Promise.all(
    Array.from({ length: connections }, () => KeptConnection.open(port)),
  );
  try {
    await Promise.all(open.flatMap((one) => Array.from({ length: atOnce }, () => run(one))));
  } finally {
    for (const one of open) one.close();
  }
  return { requests, statuses };
}

async function perform(job: VisitJob): Promise<VisitResult> {
  switch (job.kind) {
    case 'prepare':
      cookieName = cookieNameFor(loadConfig(job.configPath).cookie, false);
      shelf = new TokenShelf(loadConfig(job.configPath).tokens, job.sessions);
      return { requests: 0, statuses: {} };
    case 'each': {
      let index = job.from;
      return await visit(job.port, depth, () => (index < job.to ? index++ : null));
    }
    case 'random': {
      const endsAtMs = performance.now() + job.seconds * 1_000;
      return await visit(job.port, 1, () =>
        performance.now() < endsAtMs ? random(job.sessions) : null,
      );
    }
  }
}

// The visitors: a job in, a result out, until their parent is gone.
process.on('message', (job) => {
  // A message between our own two processes, of the one type that the parent sends.
  perform(job as VisitJob).then(
    (result) => process.send?.({ result }),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
