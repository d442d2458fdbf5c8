import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { makeBenchCertificate } from '../../bench/processes/bench-certificate.ts';
import { until } from '../../bench/processes/until.ts';
import { SeededRandom } from '../../bench/storm/seeded-random.ts';
import { StormUpstream } from '../../bench/storm/storm-upstream.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Held } from './held.ts';
import * as clients from './soak-clients.ts';
import { SoakGateway } from './soak-gateway.ts';
import { SoakTally } from './soak-tally.ts';
import type { SoakFigures } from './verdict.ts';

export interface SoakOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** So many of each for every gateway. */
const crowd = [
  ...Array.from({ length: 6 }, () => clients.overHttp1),
  ...Array.from({ length: 3 }, () => clients.overHttp2),
  ...Array.from({ length: 3 }, () => clients.overWebSockets),
  clients.overLogins,
  clients.overAborts,
];
/** Clients that ask the upstream itself. */
const controls = 6;
/** As the time is divided: after the second part is the first look, after the last one the second. */
const parts = 12;
const firstSixth = parts / 6;

/**
 * Two gateways at once under mixed traffic: one process that lives through all of it, and a primary whose workers are
 * replaced again and again. Both are looked at after a sixth of the time and at the end, at rest.
 */
export async function runSoak(options: SoakOptions): Promise<SoakFigures & { tally: SoakTally }> {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-soak-'));
  try {
    await using stack = new AsyncDisposableStack();
    const upstream = stack.use(await StormUpstream.start());
    const gateways = await startGateways(folder, upstream.port, stack);
    return await until(soak(gateways, upstream.port, options), options.signal);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startGateways(
  folder: string,
  upstreamPort: number,
  stack: AsyncDisposableStack,
): Promise<readonly SoakGateway[]> {
  const echo = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(echo, 'listening');
  stack.defer(() => {
    for (const socket of echo.clients) socket.terminate();
    echo.close();
  });
  echo.on('connection', (socket) => {
    socket.on('message', (bytes, isBinary) => socket.send(bytes, { binary: isBinary }));
    socket.on('error', () => {});
  });
  const { port: echoPort } = echo.address() as AddressInfo; // of a TCP server
  const certificate = makeBenchCertificate(folder);
  const given = { folder, certificate, echoPort, upstreamPort };
  const lone = stack.use(await SoakGateway.start({ ...given, name: 'one-process', workers: 1 }));
  const crew = stack.use(await SoakGateway.start({ ...given, name: 'two-workers', workers: 2 }));
  return [lone, crew];
}

async function soak(
  gateways: readonly SoakGateway[],
  upstreamPort: number,
  { minutes, seed, signal, tell }: SoakOptions,
): Promise<SoakFigures & { tally: SoakTally }> {
  const tally = new SoakTally();
  const random = new SeededRandom(seed);
  const partMs = (minutes * 60_000) / parts;
  let afterFirstSixth: readonly Held[] = [];
  for (let part = 0; part < parts; part++) {
    tally.third = Math.floor((part * 3) / parts);
    const left = (((parts - part) * partMs) / 60_000).toFixed(1);
    tell(`part ${String(part + 1)} of ${String(parts)}, about ${left} min left: ${said(tally)}`);
    // Each part begins with new workers and goes on with them, so both looks are at workers of the same age.
    const renewed = gateways.filter(({ canBeReplaced }) => part > 0 && canBeReplaced);
    await Promise.all([
      asked(gateways, { random, tally, ms: partMs, signal, upstreamPort }),
      ...renewed.map((gateway) => replaced(gateway, tally)),
    ]);
    const gone = gateways.find(({ hasEnded }) => hasEnded);
    if (gone !== undefined) throw new Error(`${gone.name} ended`);
    if (part + 1 === firstSixth) afterFirstSixth = await look(gateways);
  }
  const atTheEnd = await look(gateways);
  const endured = gateways.flatMap(({ name }, index) => {
    const [before, after] = [afterFirstSixth[index], atTheEnd[index]];
    return before && after ? [{ gateway: name, afterFirstSixth: before, atTheEnd: after }] : [];
  });
  const { asked: count, failed } = tally;
  return {
    ...{ endured, asked: count, failed, tally },
    firstThirdP99Ms: tally.p99Ms(0),
    lastThirdP99Ms: tally.p99Ms(2),
    firstThirdDirectMs: tally.directP99Ms(0),
    lastThirdDirectMs: tally.directP99Ms(2),
  };
}

async function replaced(gateway: SoakGateway, tally: SoakTally): Promise<void> {
  try {
    await gateway.replace();
    tally.did('workers replaced');
  } catch (error) {
    await trouble(tally, error);
  }
}

async function asked(
  gateways: readonly SoakGateway[],
  part: {
    readonly random: SeededRandom;
    readonly tally: SoakTally;
    readonly ms: number;
    readonly upstreamPort: number;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const endsAtMs = systemClock.monotonic() + part.ms;
  const isOver = (): boolean => part.signal.aborted || systemClock.monotonic() >= endsAtMs;
  const runs = gateways.flatMap(({ edgePort, securePort }) =>
    crowd.map((run) => ({ run, edgePort, securePort })),
  );
  const past = Array.from({ length: controls }, () => {
    return { run: clients.pastTheGateway, edgePort: part.upstreamPort, securePort: 0 };
  });
  await Promise.all(
    [...runs, ...past].map(async ({ run, edgePort, securePort }) => {
      const random = new SeededRandom(part.random.whole(0, 2 ** 31));
      const client = { edgePort, securePort, random, isOver, tally: part.tally };
      // Whoever meets with trouble says so and begins again, for a soak goes to its end.
      while (!isOver()) {
        await run(client).catch((error: unknown) => trouble(part.tally, error));
      }
    }),
  );
}

async function trouble(tally: SoakTally, error: unknown): Promise<void> {
  tally.asked += 1;
  tally.failed += 1;
  const text = error instanceof Error ? error.message : String(error);
  if (tally.failures.length < 10) tally.failures.push(text);
  await pause(100);
}

async function look(gateways: readonly SoakGateway[]): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const gateway of gateways) held.push(await gateway.atRest());
  return held;
}

function said({ asked: count, failed }: SoakTally): string {
  return `${String(count)} asked, ${String(failed)} failed`;
}
