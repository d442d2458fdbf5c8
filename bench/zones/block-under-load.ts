import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { mintToken } from '../../demo/multinode/tiers.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Progress } from '../command/progress.ts';
import { childPids } from '../processes/cpu-time.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { KeptConnection } from '../processes/kept-connection.ts';
import { RedisProcess } from '../processes/redis-process.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import type { BackgroundResult } from '../revocation/background-job.ts';
import { Background } from '../revocation/background.ts';

export interface BlockPlan {
  readonly blocks: number;
  readonly perSecond: number;
  readonly requestsPerSecond: number;
  readonly directory: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface BlockReport {
  /** From sending the PATCH at one node to the first refusal at the other, that request's own time included. */
  readonly refusedMs: readonly number[];
  /** To its 204. */
  readonly answeredMs: readonly number[];
  /** Requests that were let in although they were sent after the 204. */
  readonly stale: number;
  readonly background: BackgroundResult;
}

const nodes = 2;
const workers = 2;
const sessionsOfOthers = 200;
/** How often it says how far it is. */
export const progressSteps = 10;
const giveUpMs = 10_000;

/** Two nodes on one Redis under a load of other people; the tokens of made-up users are blocked at one of them. */
export async function blockUnderLoad(plan: BlockPlan): Promise<BlockReport> {
  const { directory, signal } = plan;
  await using resources = new AsyncDisposableStack();
  const service = createServer((_, response) => response.end(mintToken()));
  service.listen(0, '127.0.0.1');
  await once(service, 'listening');
  resources.defer(() => service.closeAllConnections());
  resources.defer(() => void service.close());
  const redis = resources.use(await RedisProcess.start({ directory, core: null, signal }));
  const [port = 0] = await freePorts(1);
  resources.use(await startUpstream({ port, core: null, directory }));
  const sections = sectionsOf(redis.address, (service.address() as AddressInfo).port); // it listens on TCP
  const gateways: GatewayProcess[] = [];
  for (let node = 1; node <= nodes; node += 1) {
    const settings = {
      upstreamServers: [`127.0.0.1:${port}`],
      edge: { limits: { connectionsPerAddressMax: 0 } },
      edgeRoutes: routes,
      sections: { ...sections, control: { socket: `node-${node}/control.sock` } },
    };
    const name = `node-${node}`;
    const gateway = await GatewayProcess.start({ name, directory, core: null, signal, settings });
    gateways.push(resources.use(gateway));
  }
  const others = (await gateways[0]?.logIn(sessionsOfOthers, signal)) ?? [];
  const load = await Background.start(
    {
      nodes: gateways.map(({ edgePort, pid }) => ({ port: edgePort, workerPids: childPids(pid) })),
      requestsPerSecond: plan.requestsPerSecond,
      cookies: others.map(({ cookie }) => cookie),
    },
    directory,
  );
  resources.use(load);
  await load.begin();
  const [here = 0, there = 0] = gateways.map(({ edgePort }) => edgePort);
  const figures = await blockAll(plan, here, there);
  return { ...figures, background: await load.finish() };
}

const routes = [
  { path: '/zones/', endpoint: 'keyval', keyval: { write: true }, auth: 'none' },
  { path: '/api/tokens/', auth: 'token-cache', tokenCache: 'main', upstream: 'application' },
];

function sectionsOf(redisAddress: string, servicePort: number): Record<string, unknown> {
  const service = { url: `http://127.0.0.1:${servicePort}/` };
  return {
    workers,
    sessions: { store: { type: 'redis', servers: [redisAddress] }, refreshInterval: '0s' },
    tokens: { keys: [{ id: 'bench', secret: randomBytes(48).toString('base64') }] },
    coherence: { staleness: '1s' },
    zones: { tokens: { timeout: '10m' } },
    tokenCaches: { main: { zone: 'tokens', key: ['header:Remote-User'], service } },
  };
}

async function blockAll(
  { blocks, perSecond, progress, signal }: BlockPlan,
  here: number,
  there: number,
): Promise<Omit<BlockReport, 'background'>> {
  const [writer, reader] = [await KeptConnection.open(here), await KeptConnection.open(there)];
  const [refusedMs, answeredMs]: [number[], number[]] = [[], []];
  const every = Math.max(1, Math.floor(blocks / progressSteps));
  let stale = 0;
  const startMs = systemClock.monotonic();
  try {
    for (let index = 0; index < blocks; index += 1) {
      signal.throwIfAborted();
      const waitMs = startMs + (index * 1_000) / perSecond - systemClock.monotonic();
      if (waitMs >= 1) await pause(waitMs, undefined, { signal });
      const one = await blockOne(`user-${index}`, writer, reader);
      refusedMs.push(one.refusedMs);
      answeredMs.push(one.answeredMs);
      stale += one.stale;
      if ((index + 1) % every === 0) progress.step(`${index + 1} of ${blocks} tokens blocked`);
    }
  } finally {
    for (const connection of [writer, reader]) connection.close();
  }
  return { refusedMs, answeredMs, stale };
}

interface Block {
  readonly refusedMs: number;
  readonly answeredMs: number;
  readonly stale: number;
}

async function blockOne(
  user: string,
  writer: KeptConnection,
  reader: KeptConnection,
): Promise<Block> {
  const question = `GET /api/tokens/x HTTP/1.1\r\nHost: 127.0.0.1\r\nRemote-User: ${user}\r\n\r\n`;
  for (const connection of [writer, reader]) {
    const { status } = await connection.ask(question);
    if (status !== 200) throw new Error(`the first request of a key was answered ${status}`);
  }
  const body = JSON.stringify({ [user]: '0' });
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  const line = 'PATCH /zones/9/http/keyvals/tokens HTTP/1.1';
  const sentMs = systemClock.monotonic();
  let answeredMs = Infinity;
  const patch = writer.ask(`${line}\r\nHost: 127.0.0.1\r\n${length}\r\n\r\n${body}`);
  const answer = patch.then(({ status }) => {
    if (status !== 204) throw new Error(`a PATCH was answered ${status}`);
    answeredMs = systemClock.monotonic() - sentMs;
  });
  let stale = 0;
  for (;;) {
    const isAfter = answeredMs < Infinity;
    const { status } = await reader.ask(question);
    const elapsedMs = systemClock.monotonic() - sentMs;
    if (status === 403) {
      await answer;
      return { refusedMs: elapsedMs, answeredMs, stale };
    }
    if (status !== 200) throw new Error(`a request of the key was answered ${status}`);
    if (isAfter) stale += 1;
    if (elapsedMs > giveUpMs) throw new Error('a blocked token goes on being let in');
  }
}
