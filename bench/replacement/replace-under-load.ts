import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import type { Progress } from '../command/progress.ts';
import { ask } from '../processes/ask.ts';
import { Child } from '../processes/child.ts';
import { freePorts } from '../processes/free-ports.ts';
import { poll } from '../processes/poll.ts';
import { startUpstream } from '../processes/upstream-process.ts';
import type { Fate } from './steady-client.ts';
import { SteadyLoad } from './steady-load.ts';
import { WebSocketCrowd } from './web-socket-crowd.ts';

export interface ReplacementOptions {
  readonly requestsPerSecond: number;
  readonly sockets: number;
  readonly workers: number;
  readonly rounds: number;
  readonly directory: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface ReplacementRound {
  readonly kind: 'restart' | 'reload';
  readonly tookMs: number;
  /** WebSockets closed with 1012, closed otherwise, and without an echo afterwards. */
  readonly told: number;
  readonly lost: number;
  readonly silent: number;
}

export interface ReplacementReport {
  readonly sent: number;
  readonly seconds: number;
  readonly fates: Readonly<Record<Fate, number>>;
  readonly failures: ReadonlyMap<string, number>;
  readonly rounds: readonly ReplacementRound[];
  /** Nothing was lost, and nobody was told to go without need. */
  readonly isGood: boolean;
}

interface Ports {
  readonly edge: number;
  readonly admin: number;
  readonly app: number;
  readonly echo: number;
}

const mainFile = join(import.meta.dirname, '../../src/main.ts');
const echoMain = join(import.meta.dirname, '../websockets/echo-main.ts');
const replacedWithinMs = 120_000;
const toldWithinMs = 20_000;

/** A rolling restart and a reload in turn, under a steady load. */
export async function replaceUnderLoad(options: ReplacementOptions): Promise<ReplacementReport> {
  const { directory, requestsPerSecond, signal, sockets } = options;
  const [edge = 0, admin = 0, app = 0, echo = 0] = await freePorts(4);
  const ports = { edge, admin, app, echo };
  const configPath = join(directory, 'gateway.yaml');
  writeConfig(configPath, ports, options.workers, 0);
  await using _app = await startUpstream({ port: app, core: null, directory });
  await using _echo = await startUpstream({
    port: echo,
    core: null,
    directory,
    mainFile: echoMain,
  });
  await using gateway = new Child({
    name: 'the gateway',
    command: process.execPath,
    arguments: [mainFile, 'start', '--config', configPath],
    logPath: join(directory, 'gateway.log'),
  });
  options.progress.step('starting');
  await untilGeneration(1, admin, gateway, signal);
  const crowd = new WebSocketCrowd(edge, '/sockets/');
  await using load = new SteadyLoad({
    port: edge,
    path: '/app/',
    requestsPerSecond,
    clock: systemClock,
  });
  const startedAtMs = systemClock.monotonic();
  try {
    await crowd.open(sockets);
    const rounds: ReplacementRound[] = [];
    for (let index = 0; index < options.rounds * 2; index++) {
      const kind = index % 2 === 0 ? 'restart' : 'reload';
      // A reload that changes something, but neither routes nor upstreams.
      writeConfig(configPath, ports, options.workers, index);
      options.progress.step(kind === 'restart' ? 'a rolling restart' : 'a reload');
      rounds.push(
        await replace({ kind, index, configPath, admin, gateway, crowd, sockets, signal }),
      );
    }
    const seconds = (systemClock.monotonic() - startedAtMs) / 1000;
    options.progress.end();
    await load.stop();
    const isGood =
      load.failed === 0 &&
      rounds.every(({ kind, lost, silent, told }) => {
        // Who comes back to a worker that is the next to be replaced is told again.
        return lost === 0 && silent === 0 && (kind === 'restart' ? told >= sockets : told === 0);
      });
    return { sent: load.sent, seconds, fates: load.fates, failures: load.failures, rounds, isGood };
  } finally {
    crowd.close();
  }
}

async function replace(parts: {
  readonly kind: 'restart' | 'reload';
  readonly index: number;
  readonly configPath: string;
  readonly admin: number;
  readonly gateway: Child;
  readonly crowd: WebSocketCrowd;
  readonly sockets: number;
  readonly signal: AbortSignal;
}): Promise<ReplacementRound> {
  const { admin, crowd, gateway, index, kind, signal } = parts;
  const startedAtMs = systemClock.monotonic();
  if (kind === 'restart') gateway.process.kill('SIGHUP');
  else await runReload(parts.configPath);
  await untilGeneration(index + 2, admin, gateway, signal);
  const tookMs = systemClock.monotonic() - startedAtMs;
  // The last worker that was replaced tells its WebSockets now; at a reload it is to tell none.
  const isTold = (): boolean => kind === 'restart' && crowd.told >= parts.sockets;
  const patienceMs = kind === 'restart' ? toldWithinMs : 1_500;
  await poll(isTold, { ...waiting(signal), timeoutMs: patienceMs });
  await poll(() => Promise.resolve(!crowd.isOpening), waiting(signal));
  const silent = await crowd.silent();
  return { kind, tookMs, ...crowd.look(), silent };
}

async function runReload(configPath: string): Promise<void> {
  const child = spawn(process.execPath, [mainFile, 'reload', '--config', configPath], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code]: unknown[] = await once(child, 'exit');
  if (code !== 0) throw new Error('the reload was refused');
}

const waiting = (signal: AbortSignal) => ({
  clock: systemClock,
  timeoutMs: replacedWithinMs,
  intervalMs: 100,
  signal,
});

async function untilGeneration(
  generation: number,
  admin: number,
  gateway: Child,
  signal: AbortSignal,
): Promise<void> {
  const isThere = async (): Promise<boolean> => {
    if (gateway.hasEnded) await gateway.untilEnded();
    try {
      const { body } = await ask({ port: admin, path: '/metrics' });
      const isReady = (await ask({ port: admin, path: '/readyz' })).status === 200;
      return isReady && body.includes(`\nportcullis_config_generation ${generation}\n`);
    } catch {
      return false; // not listening yet
    }
  };
  if (!(await poll(isThere, waiting(signal)))) {
    throw new Error(`generation ${generation} does not come.\n${gateway.logTail()}`);
  }
}

function writeConfig(path: string, ports: Ports, workers: number, index: number): void {
  const route = { auth: 'none' };
  const config = {
    workers,
    drainTimeout: `${10 + index}s`,
    accessLog: { enabled: false },
    log: { level: 'warn' },
    admin: { address: `127.0.0.1:${ports.admin}` },
    control: { socket: 'control/gateway.sock' },
    listeners: {
      edge: {
        address: `127.0.0.1:${ports.edge}`,
        limits: { connectionsPerAddressMax: 0 },
        routes: [
          { ...route, id: 'app', path: '/app/', upstream: 'app' },
          { ...route, id: 'sockets', path: '/sockets/', upstream: 'sockets', webSockets: true },
        ],
      },
    },
    upstreams: {
      app: { servers: [`127.0.0.1:${ports.app}`] },
      sockets: { servers: [`127.0.0.1:${ports.echo}`] },
    },
  };
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 });
}
