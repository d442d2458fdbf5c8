import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import { forgedCookies } from '../comparison/forged-cookies.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { poll } from '../processes/poll.ts';
import { type Belongings, countBelongings, leftBehind } from './belongings.ts';
import { playStorm, type StormTally } from './play-storm.ts';
import { StormUpstream } from './storm-upstream.ts';

export interface AbortsOptions {
  readonly requests: number;
  /** The same seed plans the same requests. */
  readonly seed: number;
  /** Requests in progress at a time. */
  readonly concurrency?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export interface AbortsReport {
  readonly requests: number;
  readonly seed: number;
  readonly tally: StormTally;
  readonly before: Belongings;
  readonly after: Belongings;
  /** What is still there that was not before, one sentence each; nothing, if all is well. */
  readonly leftBehind: readonly string[];
}

const warmUpRequests = 300;
const settleTimeoutMs = 30_000;

/** Waits until nothing is left that was not in `before`, and says what is, when that never happens. */
async function settle(
  gateway: GatewayProcess,
  before: Belongings | null,
  signal: AbortSignal,
): Promise<Belongings> {
  let last = await countBelongings(gateway);
  const isSettled = async (): Promise<boolean> => {
    const isQuiet = last.clientConnections === 0 && last.upstreamConnections === 0;
    if (before === null ? isQuiet : leftBehind(before, last).length === 0) return true;
    last = await countBelongings(gateway);
    return false;
  };
  const options = { clock: systemClock, timeoutMs: settleTimeoutMs, intervalMs: 200, signal };
  await poll(isSettled, options);
  return last;
}

/**
 * Sends requests of which most are broken off somewhere, by the client or by the upstream, and counts what the gateway
 * has open before and afterwards. Starts a gateway of its own and stops it.
 */
export async function runAborts(options: AbortsOptions): Promise<AbortsReport> {
  const { requests, seed, concurrency = 64, onProgress = () => {} } = options;
  const signal = options.signal ?? new AbortController().signal;
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-aborts-'));
  try {
    await using upstream = await StormUpstream.start();
    const [refusingPort = 0] = await freePorts(1);
    await using gateway = await GatewayProcess.start({
      name: 'aborts',
      directory,
      core: null,
      signal,
      settings: {
        upstreamServers: [`127.0.0.1:${upstream.port}`],
        // Short, so that what is only waiting for its time does not look forgotten.
        upstream: { firstByteTimeout: '1s', keepAlive: '1s' },
        edge: { limits: { connectionsPerAddressMax: 0 }, timeouts: { head: '2s', linger: '1s' } },
        edgeRoutes: [{ path: '/refused/', upstream: 'refusing' }],
        otherUpstreams: { refusing: { servers: [`127.0.0.1:${refusingPort}`] } },
      },
    });
    const [session] = await gateway.logIn(1, signal);
    if (session === undefined) throw new Error('no session was opened');
    const [forgedCookie = ''] = forgedCookies(session.cookie, 1);
    const storm = {
      seed,
      concurrency,
      port: gateway.edgePort,
      cookie: session.cookie,
      forgedCookie,
      signal,
    };
    // What a process opens once and keeps is open before the first count.
    await playStorm({ ...storm, first: requests, requests: warmUpRequests });
    const before = await settle(gateway, null, signal);
    const tally = await playStorm({ ...storm, first: 0, requests, onProgress });
    const after = await settle(gateway, before, signal);
    const left = gateway.hasEnded ? ['the gateway ended'] : leftBehind(before, after);
    return { requests, seed, tally, before, after, leftBehind: left };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
